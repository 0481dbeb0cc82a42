import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import scipy.stats

from gde.metrics import differential_expression


@pytest.fixture(scope="module")
def cells():
    rng = np.random.default_rng(0)
    rates = rng.gamma(1, 1, size=300)  # more than one block of genes
    changed = rates * np.where(np.arange(300) < 40, 3, 1)
    x, y = (np.log1p(rng.poisson(rate, size=(n, 300)).astype(float)) for rate, n in ((changed, 60), (rates, 80)))
    x[:, -1] = y[:, -1] = 0
    return x, y


def test_is_the_rank_sum_test_with_ties(cells):
    x, y = cells
    table, n, m = differential_expression(x, y), len(x), len(y)
    for gene in range(0, 299, 13):
        ranks = scipy.stats.rankdata(np.concatenate([x[:, gene], y[:, gene]]))
        ties = np.unique(ranks, return_counts=True)[1]
        variance = n * m / 12 * (n + m + 1 - (ties**3 - ties).sum() / ((n + m) * (n + m - 1)))
        z = (ranks[:n].sum() - n * (n + m + 1) / 2) / np.sqrt(variance)
        assert table["p_value"][gene] == pytest.approx(2 * scipy.stats.norm.sf(abs(z)))


def test_q_values_and_fold_changes(cells):
    x, y = cells
    table = differential_expression(x, y)
    ordered = table["p_value"].sort_values()
    steps = ordered * 300 / np.arange(1, 301)
    np.testing.assert_allclose(table["q_value"][ordered.index], steps[::-1].cummin()[::-1])
    ratio = (np.expm1(x).mean(0) + 1e-9) / (np.expm1(y).mean(0) + 1e-9)
    np.testing.assert_allclose(table["log2_fold_change"], np.log2(ratio))


def test_finds_what_changed_and_controls_the_rest(cells):
    found = differential_expression(*cells)["q_value"].to_numpy() < 0.05
    assert found[:40].mean() > 0.5
    assert found[40:].mean() < 0.05


def test_a_gene_without_expression_says_nothing(cells):
    last = differential_expression(*cells).iloc[-1]
    assert last.tolist() == [0, 1, 1]


def test_sparse_cells_and_names_of_genes(cells):
    x, y = cells
    dense = differential_expression(x, pd.DataFrame(y).add_prefix("gene"))
    assert dense.index[0] == "gene0"
    pd.testing.assert_frame_equal(
        differential_expression(sp.csr_array(x), sp.csr_matrix(y)).set_index(dense.index), dense
    )
