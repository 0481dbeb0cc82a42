import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import gene_agreement


def _counts(seed, n=60, n_genes=25):
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.lognormal(0, 1, n_genes), (n, n_genes))


@given(st.integers(0, 2**32 - 1))
def test_is_its_definition(seed):
    real, generated = _counts(seed), _counts(seed + 1, n=40)
    found = gene_agreement(real, generated)
    for name, moment in (("mean", lambda x: x.mean(axis=0)), ("variance", lambda x: x.var(axis=0, ddof=1))):
        expected = np.corrcoef(np.log1p(moment(real)), np.log1p(moment(generated)))[0, 1]
        assert found[f"{name}_pearson"] == pytest.approx(expected)
    zeros = [(counts == 0).mean(axis=0) for counts in (real, generated)]
    assert found["zero_fraction_pearson"] == pytest.approx(np.corrcoef(*zeros)[0, 1])
    for name, counts in (("real", real), ("generated", generated)):
        assert found[f"zero_fraction_{name}"] == pytest.approx((counts == 0).mean())
        for q in (5, 50, 95):
            assert found[f"library_size_{name}_q{q:02d}"] == pytest.approx(np.percentile(counts.sum(axis=1), q))


@pytest.mark.parametrize("storage", [sp.csr_matrix, sp.csc_matrix, sp.coo_matrix, sp.csr_array])
def test_storage_does_not_matter(storage):
    real, generated = _counts(0), _counts(1)
    assert gene_agreement(storage(real), storage(generated)) == pytest.approx(gene_agreement(real, generated))


def test_a_copy_agrees_and_each_figure_sees_its_own_failure():
    real = _counts(2, n=400)
    same = gene_agreement(real, real[::-1])
    assert same["mean_pearson"] == pytest.approx(1) and same["variance_pearson"] == pytest.approx(1)
    genes_permuted = gene_agreement(real, real[:, ::-1])
    assert genes_permuted["mean_pearson"] < 0.5
    no_spread = np.broadcast_to(np.rint(real.mean(axis=0)), real.shape) + (np.arange(400) % 2)[:, None] * [
        [1] + 24 * [0]
    ]
    assert gene_agreement(real, no_spread)["variance_pearson"] < 0.5
    deeper = gene_agreement(real, 2 * real)
    assert deeper["library_size_generated_q50"] == 2 * deeper["library_size_real_q50"]
    assert deeper["zero_fraction_generated"] == deeper["zero_fraction_real"]


def test_stored_zeros_are_zeros():
    stored = sp.csr_matrix((np.array([0.0, 2.0, 1.0]), np.array([0, 1, 1]), np.array([0, 2, 3])), shape=(2, 2))
    assert gene_agreement(stored, stored)["zero_fraction_real"] == 0.5


def test_genes_that_are_all_alike_have_no_correlation():
    alike = np.tile([[1], [3]], 4)
    assert np.isnan(gene_agreement(alike, _counts(3, n_genes=4))["mean_pearson"])


@pytest.mark.parametrize(
    ("real", "generated", "message"),
    [
        (np.ones((3, 2)), np.ones((3, 4)), "2 genes and generated has 4"),
        (np.ones(3), np.ones((3, 4)), "real has 1 dimension"),
        (np.ones((3, 2)), np.ones((1, 2)), r"generated has 1 cell\(s\)"),
        (np.ones((3, 2)), -np.ones((3, 2)), "generated has negative"),
        (np.full((3, 2), np.nan), np.ones((3, 2)), "real has negative, NaN"),
    ],
)
def test_bad_input_is_refused(real, generated, message):
    with pytest.raises(ValueError, match=message):
        gene_agreement(real, generated)
