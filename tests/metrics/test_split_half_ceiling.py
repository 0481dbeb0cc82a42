import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from gde.metrics import split_half_ceiling


def _cells(noise, n=40, seed=0):
    rng = np.random.default_rng(seed)
    effects = rng.normal(size=(6, 20))
    names = np.repeat([f"p{i}" for i in range(6)], n)
    return np.repeat(effects, n, axis=0) + noise * rng.normal(size=(6 * n, 20)), names


def test_less_noise_is_a_higher_ceiling():
    control = np.zeros(20)
    ceilings = [split_half_ceiling(*_cells(noise), control) for noise in (0, 1, 10)]
    pooled = [ceiling.attrs["pooled_r2"] for ceiling in ceilings]
    assert pooled[0] == 1 > pooled[1] > 0.8 > pooled[2]
    assert (ceilings[0]["discrimination_cosine"] == 1).all()


def test_the_expected_error_is_twice_the_variance_of_a_half():
    cells, names = _cells(3, n=200)
    error = split_half_ceiling(cells, names, np.zeros(20), n_repeats=20)["mean_shift_mse"]
    assert error.mean() == pytest.approx(2 * 9 / 100, rel=0.1)


def test_sparse_cells_named_genes_and_the_seed():
    cells, names = _cells(1)
    control = pd.Series(0.0, index=[f"g{i}" for i in range(20)])
    dense = split_half_ceiling(cells, names, control)
    pd.testing.assert_frame_equal(split_half_ceiling(sp.csr_matrix(cells), names, control), dense)
    assert not split_half_ceiling(cells, names, control, seed=1).equals(dense)


def test_single_cells_are_left_out_and_labels_must_fit():
    cells, names = _cells(1)
    names = names.astype(object)
    names[0] = "alone"
    assert "alone" not in split_half_ceiling(cells, names, np.zeros(20)).index
    with pytest.raises(ValueError, match="240, 20.*239 perturbations"):
        split_half_ceiling(cells, names[1:], np.zeros(20))
