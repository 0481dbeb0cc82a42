"""How well embeddings are known, through the model."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import gde
from gde.stats import corrected_distances
from tests.model.test_shared_units import CONTINUOUS, NOISY, soft  # noqa: F401


def _estimate(model, adata=None, **kwargs):
    return model.get_group_embeddings(adata, return_cov=True, **({"key_added": None} | kwargs))


def test_embeddings_stay_the_same_and_covariances_are_some(trained):
    embeddings, covariances = _estimate(trained)
    pd.testing.assert_frame_equal(embeddings, trained.get_group_embeddings(key_added=None), check_exact=True)
    assert covariances.shape == (12, 4, 4) and covariances.dtype == np.float64
    np.testing.assert_allclose(covariances, covariances.transpose(0, 2, 1), atol=1e-15)
    assert (np.linalg.eigvalsh(covariances) > -1e-12).all()


def test_slots_survive_a_file_and_go_with_the_groups(fit, adata, tmp_path):
    embeddings, covariances = fit(adata).get_group_embeddings(return_cov=True)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    for cells in (adata, ad.read_h5ad(tmp_path / "cells.h5ad")):
        slot = cells.uns["gde"]
        np.testing.assert_array_equal(slot["covariances"], covariances)
        errors = slot["standard_errors"]
        assert errors.index.equals(embeddings.index) and errors.columns.equals(embeddings.columns)
        np.testing.assert_allclose(errors**2, covariances.diagonal(axis1=1, axis2=2))
        groups = gde.get.group_adata(cells)[["D3", "D1"]].copy()
        np.testing.assert_array_equal(groups.obsm["X_gde_covariance"], covariances[[2, 0]])
        assert len(gde.pl.embedding(groups, show=False).patches) == 2
    groups.write_h5ad(tmp_path / "groups.h5ad")
    assert ad.read_h5ad(tmp_path / "groups.h5ad").obsm["X_gde_covariance"].shape == (2, 3, 3)


def test_an_embedding_without_covariances_takes_the_old_ones_away(fit, adata):
    model = fit(adata)
    model.get_group_embeddings(return_cov=True)
    model.get_group_embeddings()
    assert sorted(adata.uns["gde"]) == ["embeddings", "n_effective", "n_units", "params"]


@pytest.mark.parametrize("encoder", ["deep_sets", "resnet", "moments"])
def test_order_of_groups_and_chunks_do_not_matter(fit, adata, encoder):
    model = fit(adata, encoder=encoder)
    embeddings, covariances = _estimate(model)
    some, of_some = _estimate(model, groups=["D4", "D2"], batch_size=13)
    pd.testing.assert_frame_equal(some, embeddings.loc[["D4", "D2"]], atol=1e-5)
    np.testing.assert_allclose(of_some, covariances[[3, 1]], rtol=1e-3, atol=1e-6 * np.abs(covariances).max())


@pytest.mark.parametrize("encoder", ["deep_sets", "median"])
def test_a_group_of_one_unit_has_none(fit, adata, encoder):
    model = fit(adata, encoder=encoder)
    rows = np.flatnonzero(adata.obs["donor"] == "D2")[1:]
    lone = adata[np.setdiff1d(np.arange(adata.n_obs), rows)].copy()
    embeddings, covariances = _estimate(model, lone)
    assert np.isfinite(embeddings.to_numpy()).all()
    np.testing.assert_array_equal(np.isnan(covariances).all(axis=(1, 2)), embeddings.index == "D2")
    assert np.isfinite(np.delete(covariances, embeddings.index.get_loc("D2"), axis=0)).all()


def test_copies_count_as_further_cells(trained):
    copies = ad.concat([trained.adata] * 3, index_unique="-")
    m = trained.adata.obs["donor"].value_counts(sort=False).to_numpy()[:, None, None]
    expected = _estimate(trained)[1] * (m - 1) / (3 * m - 1)
    np.testing.assert_allclose(_estimate(trained, copies)[1], expected, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("kind", [CONTINUOUS, NOISY])
def test_groups_that_share_units_have_them_too(fit, soft, kind):  # noqa: F811
    model = fit(soft, kind)
    embeddings, covariances = model.get_group_embeddings(return_cov=True)
    assert covariances.shape == (len(embeddings), 3, 3) and np.isfinite(covariances).all()
    with pytest.raises(ValueError, match="share units"):
        model.get_group_distances(corrected=True)


def test_corrected_distances_are_those_of_the_formula(trained):
    embeddings, covariances = _estimate(trained)
    squared, errors = trained.get_group_distances(corrected=True)
    expected = corrected_distances(embeddings.to_numpy(), covariances)
    for table, values in zip((squared, errors), expected, strict=True):
        assert table.index.equals(embeddings.index) and table.columns.equals(embeddings.index)
        np.testing.assert_allclose(table, values)


@pytest.mark.parametrize("corrected", [True, "halves"])
def test_parts_of_one_donor_are_no_distance_apart(trained, corrected):
    cells = gde.datasets.simulate_cohort(
        n_donors=4, n_units=2000, n_genes=100, library_size=400, severity_effect=1.5, seed=1
    )
    donor, part = cells.obs["donor"].to_numpy(), np.arange(cells.n_obs) % 40
    cells.obs["donor"] = [f"{name} {number}" for name, number in zip(donor, part, strict=True)]
    squared, _ = trained.get_group_distances(cells, corrected=corrected)
    distances = trained.get_group_distances(cells).to_numpy()
    donor = squared.index.str.split(" ").str[0].to_numpy()
    is_pair = (donor[:, None] == donor) & ~np.eye(len(donor), dtype=bool)
    assert abs(squared.to_numpy()[is_pair].mean()) < 0.25 * np.square(distances[is_pair]).mean()


def test_distances_by_halves_know_donors_apart_and_need_two_cells(trained):
    squared, errors = trained.get_group_distances(corrected="halves")
    exact, _ = trained.get_group_distances(corrected=True)
    assert squared.index.equals(exact.index)
    others = ~np.eye(len(squared), dtype=bool)
    assert (np.abs(squared - exact) < 5 * errors).to_numpy()[others].all()
    assert (squared / errors).to_numpy()[others].max() > 3
    lone = trained.adata[[0, *np.flatnonzero(trained.adata.obs["donor"] != trained.adata.obs["donor"].iloc[0])]].copy()
    missing = trained.get_group_distances(lone, corrected="halves")[0].isna().sum()
    assert missing.drop(trained.adata.obs["donor"].iloc[0]).eq(1).all()


def test_a_correction_that_is_none_is_refused(trained):
    with pytest.raises(ValueError, match="False, True or 'halves', got 'half'"):
        trained.get_group_distances(corrected="half")
