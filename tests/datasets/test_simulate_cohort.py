import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from gde.datasets import simulate_cohort


@pytest.fixture(scope="module")
def cohort():
    return simulate_cohort(n_units=(150, 200), library_size=1000, seed=1)


def _pseudobulk(adata, column):
    """Log mean counts of each category of a column, categories x genes."""
    codes = adata.obs[column].cat.codes.to_numpy()
    indicator = sp.csr_matrix((np.ones(adata.n_obs), (codes, np.arange(adata.n_obs))))
    sums = (indicator @ adata.X).toarray()
    return np.log(sums + 0.5) - np.log(sums.sum(axis=1, keepdims=True))


def test_counts_are_sparse_integers(cohort):
    assert isinstance(cohort.X, sp.csr_matrix) and cohort.X.dtype == np.float32
    assert (cohort.X.data >= 1).all() and (cohort.X.data == np.rint(cohort.X.data)).all()
    assert cohort.obs_names.is_unique and cohort.var_names.is_unique


def test_condition_and_severity_are_the_donor_s(cohort):
    donors = cohort.obs.groupby("donor", observed=True)
    assert (donors[["severity", "condition"]].nunique() == 1).all(axis=None)
    severity = donors["severity"].first()
    np.testing.assert_array_equal(severity, cohort.uns["truth"]["severity"])
    assert ((severity > 0.5) == (donors["condition"].first() == "disease")).all()


def test_batches_are_crossed_with_donors(cohort):
    cells = pd.crosstab(cohort.obs["donor"], cohort.obs["batch"])
    assert (cells.max(axis=1) - cells.min(axis=1) <= 1).all()


def test_composition_follows_its_truth_which_follows_the_axis(cohort):
    truth = cohort.uns["truth"]["composition"]
    seen = pd.crosstab(cohort.obs["donor"], cohort.obs["cell_type"], normalize="index")
    assert seen.index.equals(truth.index) and seen.columns.equals(truth.columns)
    np.testing.assert_allclose(seen, truth, atol=0.15)
    with_severity = np.log(truth).corrwith(pd.Series(cohort.uns["truth"]["severity"], truth.index))
    assert with_severity.max() > 0.6 and with_severity.min() < -0.6


def test_genes_move_with_the_state_by_their_loadings(cohort):
    one_type = cohort[cohort.obs["cell_type"] == "type1"].copy()
    one_type.obs["tertile"] = pd.qcut(one_type.obs["state"], 3)
    low, _, high = _pseudobulk(one_type, "tertile")
    assert np.corrcoef(high - low, cohort.uns["truth"]["axis_loadings"][0])[0, 1] > 0.8


def test_state_moves_with_severity(cohort):
    mean = cohort.obs.groupby("donor", observed=True)["state"].mean()
    np.testing.assert_allclose(mean, 2 * cohort.uns["truth"]["severity"] - 1, atol=0.4)


def test_batch_effects_are_those_of_the_truth(cohort):
    first, second = _pseudobulk(cohort, "batch")
    effects = cohort.uns["truth"]["batch_effects"]
    assert np.corrcoef(first - second, effects[0] - effects[1])[0, 1] > 0.9


def test_counts_vary_as_a_negative_binomial_of_the_given_dispersion():
    # No effects, one cell type, one batch: all cells of a donor differ by state, depth and sampling alone.
    adata = simulate_cohort(
        2, n_units=4000, n_genes=30, n_cell_types=1, n_batches=1, severity_effect=0, library_size=600, seed=3
    )
    cells = adata[adata.obs["donor"] == "D1"]
    truth = adata.uns["truth"]
    log_rate = (
        truth["profiles"][0] + np.outer(cells.obs["state"], truth["axis_loadings"][0]) + truth["donor_effects"][0]
    )
    counts = cells.X.toarray()
    depth = np.median(counts.sum(axis=1))
    inverse_dispersion, expected = truth["inverse_dispersion"], softmax(log_rate, axis=1) * depth
    excess = ((counts - expected) ** 2 - expected).mean(axis=0) / (expected**2).mean(axis=0)
    # Of a factor of log-normal depth of sd 0.4 around its median: E (e^u (1 + g) - 1)^2 with Var g = 1 / theta.
    second, first = np.exp(2 * 0.4**2), np.exp(0.4**2 / 2)
    predicted = second * (1 + 1 / inverse_dispersion) - 2 * first + 1
    frequent = expected.mean(axis=0) > 5
    assert frequent.sum() >= 8
    np.testing.assert_allclose(excess[frequent], predicted[frequent], rtol=0.5)


def test_without_effects_nothing_follows_the_axis():
    adata = simulate_cohort(n_units=100, n_genes=50, severity_effect=0, batch_effect=0)
    assert not adata.uns["truth"]["batch_effects"].any()
    assert abs(np.corrcoef(adata.obs["severity"], adata.obs["state"])[0, 1]) < 0.08


def test_survives_a_file(cohort, tmp_path):
    cohort.write_h5ad(tmp_path / "cohort.h5ad")
    again = ad.read_h5ad(tmp_path / "cohort.h5ad")
    assert again.obs.equals(cohort.obs)
    for key, value in cohort.uns["truth"].items():
        np.testing.assert_array_equal(again.uns["truth"][key], value)
    assert again.uns["truth"]["composition"].index.equals(cohort.uns["truth"]["composition"].index)


@settings(max_examples=10)
@given(
    n_donors=st.integers(2, 12),
    low=st.integers(1, 10),
    more=st.integers(0, 10),
    n_cell_types=st.integers(1, 11),
    n_batches=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_sizes_are_the_asked_ones_and_a_seed_repeats(n_donors, low, more, n_cell_types, n_batches, seed):
    adata, again = (
        simulate_cohort(
            n_donors,
            n_units=(low, low + more),
            n_genes=7,
            n_cell_types=n_cell_types,
            n_batches=n_batches,
            seed=seed,
        )
        for _ in range(2)
    )
    sizes = adata.obs["donor"].value_counts()
    assert len(sizes) == n_donors and sizes.between(low, low + more).all()
    assert set(adata.obs["condition"]) == {"healthy", "disease"}
    assert adata.obs["cell_type"].cat.categories.is_monotonic_increasing
    assert adata.uns["truth"]["composition"].shape == (n_donors, n_cell_types)
    assert (adata.X != again.X).nnz == 0 and adata.obs.equals(again.obs)


def test_another_seed_gives_another_cohort():
    first, second = (simulate_cohort(2, n_units=20, n_genes=20, seed=seed) for seed in (0, 1))
    assert (first.X != second.X).nnz > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_donors": 1}, "at least 2 donors"),
        ({"n_units": 0}, "n_units"),
        ({"n_units": (5, 2)}, "got 5 and 2"),
        ({"n_genes": 0}, "n_genes=0"),
        ({"n_batches": 0}, "n_batches=0"),
        ({"library_size": -1}, "library_size=-1"),
    ],
)
def test_impossible_sizes_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        simulate_cohort(**options)
