import numpy as np
import pytest
import scipy.sparse as sp
from anndata import AnnData
from matplotlib import pyplot as plt

import gde


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_both_kinds_of_units_are_drawn_in_the_plane_of_the_real_ones():
    rng = np.random.default_rng(0)
    real, new = (AnnData(sp.csr_matrix(rng.poisson(2.0, size=(n, 5)).astype(float))) for n in (30, 20))
    ax = gde.pl.generated(real, new, show=False)
    points = [dots.get_offsets() for dots in ax.collections]
    assert [len(part) for part in points] == [30, 20]
    np.testing.assert_allclose(points[0].mean(0), 0, atol=1e-6)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["real", "generated"]


def test_units_in_obsm_are_drawn_as_they_are():
    z = np.random.default_rng(0).normal(size=(30, 2))
    units = AnnData(np.zeros((30, 1)), obsm={"X_pca": z})
    first, second = (
        dots.get_offsets() for dots in gde.pl.generated(units, units, obsm_key="X_pca", show=False).collections
    )
    np.testing.assert_allclose(first, second)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), np.linalg.norm(z - z.mean(0), axis=1))
