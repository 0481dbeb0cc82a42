import numpy as np
import pytest
import scipy.sparse as sp

from gde.metrics import energy_distance, floor_of_halves, gene_agreement, prdc, wasserstein


def test_halves_share_no_unit_and_leave_at_most_one():
    seen = []
    floor_of_halves(lambda a, b: seen.append((a.ravel(), b.ravel())) or 0.0, np.arange(11)[:, None], n_repeats=3)
    assert len(seen) == 3
    for a, b in seen:
        assert len(a) == len(b) == 5 == len(set(a) - set(b))
    assert not np.array_equal(seen[0][0], seen[1][0])


def test_biased_distances_have_a_floor_and_unbiased_ones_none():
    units = np.random.default_rng(0).normal(size=(200, 10))
    assert floor_of_halves(wasserstein, units) > 1
    assert abs(floor_of_halves(energy_distance, units, n_repeats=20)) < 0.02
    assert floor_of_halves(wasserstein, units) == floor_of_halves(wasserstein, units)
    assert floor_of_halves(wasserstein, units) != floor_of_halves(wasserstein, units, seed=1)


def test_dictionaries_are_averaged_name_by_name():
    rng = np.random.default_rng(0)
    scores = floor_of_halves(prdc, rng.normal(size=(200, 2)))
    assert 0.7 < scores["precision"] < 1 and scores["coverage"] == pytest.approx(1 - 2**-5, abs=0.05)
    counts = rng.poisson(rng.lognormal(0, 1, 30), (80, 30))
    dense = floor_of_halves(gene_agreement, counts)
    assert floor_of_halves(gene_agreement, sp.csc_matrix(counts)) == pytest.approx(dense)
    assert 0.9 < dense["mean_pearson"] < 1


def test_too_few_units():
    with pytest.raises(ValueError, match="3 units: at least 4"):
        floor_of_halves(energy_distance, np.zeros((3, 1)))
