import anndata as ad
import numpy as np
import pytest

import gde
from gde.model.geometry_mixin import _w2


@pytest.fixture
def query(cohort):
    return cohort[cohort.obs["part"] == "unseen"].copy()


def test_new_groups_are_certified(trained, query):
    certificate = trained.certify_geometry(query)
    assert certificate.checked_on == "groups not seen in training"
    assert (certificate.n_groups, certificate.n_pairs, certificate.n_paths) == (6, 15, 10)
    assert certificate.agreement.correlation > 0.6
    assert certificate.agreement.low < certificate.agreement.correlation < certificate.agreement.high
    low, high = certificate.w2_range
    assert 0 < certificate.w2_floor < high and low < high
    way = certificate.geodesic
    assert way["floor"] < way["ends"] and way["deviation"] < way["ends"]
    for words in ("6 groups, 15 pairs", "Spearman 0.", "two halves of one group", "floor"):
        assert words in str(certificate)


def test_it_is_kept_and_saved_with_the_model(fit, adata, tmp_path):
    adata.obs["donor"] = [f"g{i % 6}" for i in range(adata.n_obs)]
    model = fit(adata, train={"validation_size": 0})
    query = adata.copy()
    query.obs["donor"] = "new" + query.obs["donor"].astype(str)
    query = _twice(query)
    certificate = model.certify_geometry(query, seed=1)
    assert model.geometry_ == certificate == model.certify_geometry(query, seed=1)
    assert certificate != model.certify_geometry(query, seed=2)
    model.save(tmp_path / "model")
    assert gde.GDEModel.load(tmp_path / "model", adata=adata.copy()).geometry_ == model.geometry_
    assert gde.GDEModel.load(tmp_path / "model", adata=False).certify_geometry(query, seed=1) == certificate


def _twice(adata):
    """Twice as many cells."""
    return ad.concat([adata, adata], index_unique="-")


def test_it_says_which_units_were_held_out(fit, cohort):
    groups = fit(cohort.copy(), train={"validation": "groups", "validation_size": 0.35})
    assert groups.certify_geometry().checked_on == "groups not seen in training"
    assert groups.geometry_.n_groups == 6
    cells = fit(cohort.copy(), train={"validation_size": 0.3})
    assert cells.certify_geometry().checked_on == "held-out cells of training groups"
    assert cells.geometry_.n_groups == 18
    assert cells.certify_geometry(cohort.copy()).checked_on == "the cells passed, of groups of which most are known"


def test_continuous_units(fit, adata):
    adata.obs["donor"] = [f"g{i % 5}" for i in range(adata.n_obs)]
    model = fit(adata, {"obsm_key": "X_pca"}, {"validation_size": 0})
    query = _twice(adata.copy())
    assert np.isfinite(model.certify_geometry(query).agreement.correlation)


def test_w2_is_that_of_shifted_and_of_equal_samples():
    rng = np.random.default_rng(0)
    a = rng.normal(3, 10, size=(100, 4))
    near, same, far = _w2([(a, a + [30, 0, 0, 0]), (a, a.copy()), (a[:60], a[:60] + [0, 0, 90, 0])])
    assert near == pytest.approx(30, rel=0.02)
    assert same == pytest.approx(0, abs=0.1)
    assert far == pytest.approx(90, rel=0.02)


def test_too_few_groups_and_units_that_are_shared_are_refused(fit, adata, trained, query):
    few = query[query.obs["donor"].isin(query.obs["donor"].cat.categories[-2:])].copy()
    with pytest.raises(ValueError, match="at least 5 groups with 20 units.*pass an AnnData"):
        trained.certify_geometry(few)
    with pytest.raises(ValueError, match="held out fewer"):
        fit(adata.copy()).certify_geometry()
    with pytest.raises(ValueError, match="share units"):
        fit(adata, {"group_key": "severity", "group_kind": "continuous"}).certify_geometry()


def test_units_of_an_unknown_batch_are_refused(trained, query):
    query.obs["batch"] = "elsewhere"
    with pytest.raises(ValueError, match="batch.*did not see: leave them out"):
        trained.certify_geometry(query)
