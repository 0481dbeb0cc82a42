import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scvi.data import AnnDataManager

from gde.data import NoisyLabels, group_posterior

POSTERIOR = np.array([[0.9, 0.1, 0], [0.5, 0.5, 0], [0, 0.2, 0.8], [0, 0, 1], [1, 0, 0], [0, 1, 0]])
LABELS = NoisyLabels("clones", "posterior")


def _manager(values=POSTERIOR, labels=LABELS):
    adata = ad.AnnData(np.ones((values.shape[0], 2), np.float32))
    adata.obsm["clones"] = values
    manager = AnnDataManager(fields=[labels.field()])
    manager.register_fields(adata)
    return manager


def _dense(prior, n=6):
    position, label, weight = prior.members(np.arange(n))
    matrix = np.zeros((n, len(prior)))
    matrix[position, label] = weight
    return matrix


@pytest.mark.parametrize("convert", [np.asarray, sp.csr_matrix, sp.csc_matrix])
def test_posterior_is_the_weight(convert):
    prior = LABELS.prior(_manager(convert(POSTERIOR)))
    assert prior.names == ["0", "1", "2"]
    np.testing.assert_allclose(_dense(prior), POSTERIOR)
    np.testing.assert_allclose(prior.sizes, POSTERIOR.sum(axis=0))
    np.testing.assert_allclose(prior.n_effective, POSTERIOR.sum(axis=0) ** 2 / (POSTERIOR**2).sum(axis=0))


def test_the_posterior_is_kept_for_each_anndata_and_for_no_longer():
    labels, manager = NoisyLabels("clones", "likelihood"), _manager()
    assert labels._posterior(manager) is labels._posterior(manager)
    assert (
        labels.prior(_manager(POSTERIOR[::-1]), np.arange(6)).measure(0)[0] != labels.prior(manager).measure(0)[0]
    ).any()
    del manager
    assert len(labels._posteriors) == 0


def test_likelihood_is_weighted_by_its_posterior():
    likelihood = (POSTERIOR + 0.1) * np.array([[1], [2], [3], [4], [5], [6]])
    labels = NoisyLabels("clones", "likelihood")
    expected = group_posterior(sp.csr_matrix(likelihood)).toarray()
    np.testing.assert_allclose(_dense(labels.prior(_manager(likelihood, labels))), expected)


def test_the_posterior_recovers_overlapping_groups_that_the_likeliest_group_cuts_apart():
    rng = np.random.default_rng(0)
    x = rng.normal(size=40_000) + np.where(rng.random(40_000) < 0.5, 1, -1)
    p = 1 / (1 + np.exp(-2 * x))  # p(group at 1 | x), in closed form
    rows, weight = LABELS.prior(_manager(np.column_stack([1 - p, p]))).measure(1)
    mean = np.average(x[rows], weights=weight)
    assert mean == pytest.approx(1, abs=0.03)
    assert np.average((x[rows] - mean) ** 2, weights=weight) == pytest.approx(1, abs=0.04)
    assert x[p > 0.5].mean() > 1.15 and x[p > 0.5].var() < 0.75


def test_the_smallest_weights_are_dropped_up_to_a_thousandth_of_a_group():
    values = np.full((3001, 2), 0.5)
    values[:2000] = [1 - 1e-7, 1e-7]
    prior = LABELS.prior(_manager(values))
    assert prior.n_units.tolist() == [3001, 1001], "and none of those that matter, even if they are many"
    assert prior.measure(1)[1].sum() > (1 - 1e-3) * values[:, 1].sum()


def test_groups_that_are_wanted_by_their_names():
    frame = pd.DataFrame(POSTERIOR, columns=["a", "b", "c"], index=[str(i) for i in range(6)])
    prior = LABELS.prior(_manager(frame), wanted=["c", "a"])
    assert prior.names == ["c", "a"]
    np.testing.assert_allclose(_dense(prior), POSTERIOR[:, [2, 0]])
    with pytest.raises(KeyError, match="`groups`: 'z' is not a group here. There are: 'a', 'b', 'c'"):
        LABELS.prior(_manager(frame), wanted=["z"])


def test_split_holds_out_a_share_of_each_likeliest_group_and_no_whole_groups():
    manager = _manager(np.repeat(POSTERIOR[[0, 3]], 10, axis=0))
    assert LABELS.codes(manager).tolist() == [0] * 10 + [2] * 10
    assert np.bincount(LABELS.split(manager, "cells", 0.2, 0)[1] // 10).tolist() == [2, 2]
    with pytest.raises(ValueError, match="`validation='groups'`: noisy groups share units.*Use 'cells'"):
        LABELS.split(manager, "groups", 0.2, 0)


def test_columns_of_new_units_are_the_names():
    manager = _manager()
    assert LABELS.columns(manager.adata.obs, LABELS.prior(manager), [2, 0])["group"].tolist() == ["2", "0"]
    assert LABELS.describe() == {"group_kind": "noisy", "group_obsm_key": "clones", "group_obsm_kind": "posterior"}
