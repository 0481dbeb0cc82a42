import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from gde.observations import principal_components


def _components(x, n_components, size=100):
    x = torch.from_numpy((x - x.mean(0)).astype(np.float32))
    return principal_components(
        lambda basis: (part @ basis for part in x.split(size)), x.shape[1], n_components
    ).numpy()


@pytest.fixture
def x():
    """200 variables whose variances fall slowly, as those of expression do."""
    rng = np.random.default_rng(0)
    mixing = np.linalg.qr(rng.normal(size=(200, 200)))[0]
    return 5 + (rng.normal(size=(1000, 200)) / np.sqrt(1 + np.arange(200))) @ mixing


def test_explains_as_much_variance_as_an_exact_decomposition(x):
    components = _components(x, 20)
    np.testing.assert_allclose(components.T @ components, np.eye(20), atol=1e-5)
    explained = ((x - x.mean(0)) @ components).var(0)
    exact = PCA(20, svd_solver="full").fit(x).explained_variance_ * 999 / 1000
    np.testing.assert_allclose(explained[:5], exact[:5], rtol=0.01)
    assert explained.sum() > 0.98 * exact.sum()
    assert (np.diff(explained) < 1e-6).all()


def test_chunks_do_not_matter(x):
    np.testing.assert_allclose(_components(x, 3, 17), _components(x, 3, 1000), atol=1e-3)


@pytest.mark.parametrize("n_units", [1, 3])
def test_fewer_units_than_components_give_a_basis_that_still_holds_them(x, n_units):
    components = _components(x[:n_units], 10)
    np.testing.assert_allclose(components.T @ components, np.eye(10), atol=1e-5)
    centred = x[:n_units] - x[:n_units].mean(0)
    np.testing.assert_allclose(centred @ components @ components.T, centred, atol=1e-4)
