import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import scvi

import gde

COVARIATES = {
    "batch_key": "batch",
    "categorical_covariate_keys": ["cell_type"],
    "continuous_covariate_keys": ["age"],
}


def _same(a, b):
    return a.shape == b.shape and (a.X != b.X).nnz == 0


@pytest.fixture
def query(cohort):
    return cohort[cohort.obs["part"] == "unseen"].copy()


# What comes back


def test_counts_are_integers_in_rows_of_the_same_genes(trained):
    new = trained.generate(groups=["D03", "D01"], n_units=50)
    assert new.shape == (100, trained.adata.n_vars)
    assert isinstance(new.X, sp.csr_matrix) and new.X.dtype == np.float32
    assert (new.X.data >= 1).all() and (new.X.data == np.rint(new.X.data)).all()
    pd.testing.assert_frame_equal(new.var, trained.adata.var)
    assert new.obs["donor"].tolist() == ["D03"] * 50 + ["D01"] * 50
    assert new.obs_names.is_unique


def test_all_groups_come_in_the_size_that_they_have(trained):
    new = trained.generate()
    expected = trained.adata.obs["donor"].value_counts(sort=False)
    assert new.obs["donor"].value_counts(sort=False).to_dict() == expected[expected > 0].to_dict()


def test_uns_says_model_seed_and_version_and_a_file_can_be_written(trained, tmp_path):
    trained.generate(n_units=2, seed=17).write_h5ad(tmp_path / "new.h5ad")
    params = ad.read_h5ad(tmp_path / "new.h5ad").uns["gde"]["params"]
    assert (params["model"], params["generation_seed"], params["version"]) == ("GDEModel", 17, gde.__version__)


def test_the_model_and_its_data_are_left_alone(fit, adata):
    model = fit(adata)
    before = adata.copy()
    model.generate(n_units=3)
    pd.testing.assert_frame_equal(adata.obs, before.obs)
    assert adata.uns.keys() == before.uns.keys()
    assert (adata.X != before.X).nnz == 0


@pytest.mark.parametrize(
    ("n_units", "expected"), [(2, [2, 2]), ([1, 3], [1, 3]), (np.array([3, 1]), [3, 1]), ({"D02": 4, "D05": 1}, [1, 4])]
)
def test_numbers_of_units(trained, n_units, expected):
    new = trained.generate(groups=["D05", "D02"], n_units=n_units)
    assert set(new.obs["donor"].cat.categories) == {"D05", "D02"}
    assert new.obs["donor"].tolist() == ["D05"] * expected[0] + ["D02"] * expected[1]


def test_numbers_of_units_of_groups_that_are_named_by_numbers(fit, adata):
    adata.obs["label"] = adata.obs["donor"].cat.codes.astype(int)
    new = fit(adata, {"group_key": "label"}).generate(groups=[3, 0], n_units={0: 1, 3: 2})
    assert new.obs["label"].tolist() == [3, 3, 0]


@pytest.mark.parametrize("n_units", [0, -3, 2.5, [1, 2, 3], [1, 0], "ten", {"D05": 1}, {"D05": 1, "D02": -1}, True])
def test_numbers_that_are_none_are_refused(trained, n_units):
    with pytest.raises((TypeError, ValueError), match="`n_units`"):
        trained.generate(groups=["D05", "D02"], n_units=n_units)


def test_unknown_groups_are_refused_with_near_ones(trained):
    with pytest.raises(KeyError, match="`groups`: 'D1' is not a group here. Did you mean 'D01'"):
        trained.generate(groups=["D01", "D1"])
    with pytest.raises(KeyError, match="'patient'.*There are: 'D01', "):
        trained.generate(groups=["patient"])
    for groups in ([], ["D01", "D01"]):
        with pytest.raises(ValueError, match="`groups` must name at least one group, and each group once"):
            trained.generate(groups=groups)


# Library sizes


def test_library_sizes_are_realistic(trained, cohort):
    real = cohort[cohort.obs["part"] == "train"]
    logs = [np.log(np.asarray(adata.X.sum(1)).ravel()) for adata in (real, trained.generate(seed=1))]
    assert logs[1].mean() == pytest.approx(logs[0].mean(), abs=0.1)
    assert logs[1].std() == pytest.approx(logs[0].std(), rel=0.3)


def test_library_size_is_overridden_by_one_number_or_by_one_for_each(trained):
    constant = trained.generate(groups=["D01", "D02"], n_units=200, library_size=1000)
    assert constant.X.sum(1).mean() == pytest.approx(1000, rel=0.03)
    sizes = np.linspace(100, 2000, 400)
    each = trained.generate(groups=["D01", "D02"], n_units=200, library_size=sizes)
    ratio = np.asarray(each.X.sum(1)).ravel() / sizes
    np.testing.assert_allclose(ratio.reshape(8, 50).mean(1), 1, atol=0.15)


@pytest.mark.parametrize("library_size", [0, -1, np.nan, np.inf, [10, 20], [[1]]])
def test_library_sizes_that_are_none_are_refused(trained, library_size):
    with pytest.raises(
        ValueError, match="`library_size` must be positive and below 1e.09: one number, or one for each of the 3"
    ):
        trained.generate(groups=["D01"], n_units=3, library_size=library_size)


def test_continuous_units_have_no_library_size(fit, adata):
    with pytest.raises(ValueError, match="`library_size` is for counts"):
        fit(adata, {"obsm_key": "X_pca"}).generate(library_size=10)


# Covariates


def test_covariates_are_those_of_the_group_s_units(fit, adata):
    adata.obs.loc[adata.obs["donor"] == "D2", "batch"] = "batch1"
    model = fit(adata, COVARIATES)
    new = model.generate(n_units=300)
    assert new.obs.columns.tolist() == ["donor", "batch", "cell_type", "age"]
    assert set(new.obs.loc[new.obs["donor"] == "D2", "batch"]) == {"batch1"}
    assert set(new.obs.loc[new.obs["donor"] == "D1", "batch"]) == {"batch1", "batch2"}
    seen = set(adata.obs[["donor", "batch", "cell_type"]].astype(str).itertuples(index=False, name=None))
    assert set(new.obs[["donor", "batch", "cell_type"]].astype(str).itertuples(index=False, name=None)) <= seen
    ages = {donor: set(part["age"].astype(np.float32)) for donor, part in adata.obs.groupby("donor", observed=True)}
    assert all(age in ages[donor] for donor, age in zip(new.obs["donor"], new.obs["age"], strict=True))


def test_batch_is_the_one_asked_for_and_shapes_the_counts(trained, cohort):
    batches = cohort.obs["batch"].cat.categories
    new = {batch: trained.generate(n_units=100, batch=batch, seed=0) for batch in batches}
    for batch, adata in new.items():
        assert set(adata.obs["batch"]) == {batch}
    effect = cohort.uns["truth"]["batch_effects"]
    true = np.asarray(effect)[1] - np.asarray(effect)[0]
    logs = [np.log(np.asarray(new[batch].X.mean(0)).ravel() + 1e-3) for batch in batches]
    expressed = np.asarray(cohort.X.mean(0)).ravel() > 2
    assert np.corrcoef((logs[1] - logs[0])[expressed], true[expressed])[0, 1] > 0.7


def test_a_batch_never_seen_is_refused_with_near_ones(trained, fit, adata):
    with pytest.raises(KeyError, match="`batch`: 'batch3' was not seen in training.*'batch[12]'"):
        trained.generate(n_units=1, batch="batch3")
    with pytest.raises(ValueError, match="without `batch_key`"):
        fit(adata).generate(n_units=1, batch="batch1")


def test_new_groups_in_a_batch_never_seen_need_one_that_was(trained, query):
    query.obs["batch"] = "elsewhere"
    with pytest.raises(ValueError, match=r"batch.*did not see.*`batch=`.*'batch1', 'batch2'"):
        trained.generate(query, n_units=2)
    assert set(trained.generate(query, n_units=2, batch="batch2").obs["batch"]) == {"batch2"}
    del query.obs["batch"]
    with pytest.raises(ValueError, match=r"'batch' that training did not see, or that column of `.obs` is not there"):
        trained.generate(query, n_units=2)
    assert trained.generate(query, n_units=2, batch="batch2").n_obs == 2 * query.obs["donor"].nunique()


def test_a_covariate_never_seen_is_named_and_no_batch_is_offered_for_it(fit, adata):
    model = fit(adata, COVARIATES)
    new = adata.copy()
    new.obs["cell_type"] = "unheard of"
    with pytest.raises(
        ValueError, match=r"a value of 'cell_type' that training did not see.*\. Leave these groups out"
    ):
        model.generate(new, n_units=1)


def test_new_groups_need_their_continuous_covariates(fit, adata):
    model = fit(adata, COVARIATES)
    new = adata.copy()
    new.obs = new.obs.drop(columns="age")
    with pytest.raises(KeyError, match=r"\['age'\]"):
        model.generate(new, n_units=1)


# Embeddings


def test_groups_can_be_generated_from_their_embeddings(fit, adata):
    model = fit(adata)
    embeddings = model.get_group_embeddings(key_added=None)
    assert _same(model.generate(embeddings=embeddings, n_units=9, seed=1), model.generate(n_units=9, seed=1))


def test_embeddings_in_an_array_are_named_by_their_row(fit, adata):
    model = fit(adata)
    new = model.generate(embeddings=np.zeros((2, 3)), n_units=[2, 1])
    assert new.obs["donor"].tolist() == ["0", "0", "1"]


def test_embeddings_in_between_are_named_and_take_covariates_of_all_training_units(trained):
    embeddings = trained.get_group_embeddings(key_added=None)
    middle = pd.DataFrame([embeddings.mean()], index=["middle"])
    new = trained.generate(embeddings=middle, n_units=200)
    assert set(new.obs["donor"]) == {"middle"}
    assert set(new.obs["batch"]) == set(trained.adata.obs["batch"])


def test_embeddings_of_nested_groups_are_named_in_one_column(fit, adata):
    model = fit(adata, {"group_key": ["donor", "batch"]})
    new = model.generate(embeddings=model.get_group_embeddings(key_added=None).iloc[:1], n_units=2)
    assert new.obs["donor | batch"].tolist() == ["D1 | batch1"] * 2


@pytest.mark.parametrize(
    ("embeddings", "words"),
    [
        (np.zeros((2, 5)), r"shape \(n, 4\) with n > 0, got shape \(2, 5\)"),
        (np.array([[0.0] * 4, [0, 0, np.nan, 0]]), r"NaN or infinite values in 1 of 2 rows, e.g. '1'"),
        (np.zeros((0, 4)), r"`embeddings` must .*got shape \(0, 4\)"),
        (pd.DataFrame(np.zeros((2, 4)), index=["a", "a"]), "duplicate"),
    ],
    ids=["shape", "nan", "none", "duplicate"],
)
def test_embeddings_that_do_not_fit_are_refused(trained, embeddings, words):
    with pytest.raises(ValueError, match=words):
        trained.generate(embeddings=embeddings, n_units=1)


def test_embeddings_stand_alone_and_need_a_number_of_units(trained, query):
    embeddings = np.zeros((1, 4))
    for also in ({"groups": ["D01"]}, {"adata": query}):
        with pytest.raises(ValueError, match="either `embeddings` or groups"):
            trained.generate(embeddings=embeddings, n_units=1, **also)
    with pytest.raises(ValueError, match="`n_units` is needed with `embeddings`"):
        trained.generate(embeddings=embeddings)


# Randomness


def test_the_seed_decides(trained):
    first = trained.generate(n_units=5, seed=3)
    np.random.seed(0)
    assert _same(trained.generate(n_units=5, seed=3), first)
    assert not _same(trained.generate(n_units=5, seed=4), first)
    assert len({row.tobytes() for row in first.X.toarray()}) == first.n_obs, "units differ"


def test_without_a_seed_it_is_scvi_s_or_the_model_s(trained):
    assert _same(trained.generate(n_units=3), trained.generate(n_units=3, seed=trained.seed_))
    before = scvi.settings.seed
    try:
        scvi.settings.seed = 5
        assert _same(trained.generate(n_units=3), trained.generate(n_units=3, seed=5))
    finally:
        scvi.settings._seed = before


def test_units_of_a_group_do_not_depend_on_the_other_groups(trained):
    together = trained.generate(n_units=20, seed=3)
    for groups in (["D02"], ["D07", "D02"], ["D02", "D01", "D11"]):
        own = trained.generate(groups=groups, n_units={"D02": 20, "D07": 9, "D01": 300, "D11": 1}, seed=3)
        a, b = (adata[adata.obs["donor"] == "D02"] for adata in (together, own))
        assert a.obs["batch"].tolist() == b.obs["batch"].tolist()
        assert _same(a, b)


def test_more_units_of_a_group_begin_with_the_same_ones(fit, adata):
    model = fit(adata, COVARIATES)
    many = model.generate(groups=["D1", "D2"], n_units=[5000, 3], seed=3)
    fewer = model.generate(groups=["D1"], n_units=2048, seed=3)
    assert many.n_obs == 5003
    assert _same(many[:2048], fewer)
    assert many.obs["age"].tolist()[:2048] == fewer.obs["age"].tolist()
    assert not _same(many[:1000], many[2048:3048])


@pytest.mark.filterwarnings("ignore:.*fewer than 3 cells")
def test_groups_draw_their_covariates_independently(fit, adata):
    adata = adata[np.concatenate([np.flatnonzero(adata.obs["donor"] == donor)[:20] for donor in ("D1", "D2")])].copy()
    adata.obs["age"] = np.tile(np.arange(20.0), 2)
    ages = fit(adata, COVARIATES).generate(n_units=50).obs["age"].to_numpy().reshape(2, 50)
    assert (ages[0] == ages[1]).mean() < 0.5


# Where groups and units are


def test_groups_of_another_anndata_are_generated_without_changing_it(trained, query):
    before = query.copy()
    new = trained.generate(query, groups=["D18"], n_units=4)
    assert set(new.obs["donor"]) == {"D18"}
    pd.testing.assert_frame_equal(query.obs, before.obs)
    assert query.uns.keys() == before.uns.keys()
    assert "_scvi_batch" not in query.obs


def test_a_known_group_of_another_anndata_is_embedded_from_there(trained):
    one = trained.adata[trained.adata.obs["donor"] == "D01"].copy()
    one.obs = one.obs.astype({"donor": str}).replace({"donor": {"D01": "D02"}})
    renamed, own = trained.generate(one, n_units=30, seed=0), trained.generate(groups=["D02"], n_units=30, seed=0)
    assert not _same(renamed, own)


def test_units_of_a_layer_are_in_the_layer(fit, adata):
    adata.layers["counts"] = adata.X
    adata.X = None
    new = fit(adata, {"layer": "counts"}).generate(n_units=2)
    assert set(new.layers) - {None} == {"counts"}  # anndata 0.13 counts X as the layer None
    assert (new.layers["counts"] != new.X).nnz == 0


@pytest.mark.parametrize("generator", ["cvae", "flow_matching"])
def test_units_of_obsm_are_in_obsm(fit, adata, generator):
    adata.obsm["X_pca"] = adata.obsm["X_pca"] * 100 + 5000
    new = fit(adata, {"obsm_key": "X_pca"}, {"limit_train_batches": 50}, generator=generator).generate(n_units=300)
    assert new.shape == (1200, 0)
    assert new.obsm["X_pca"].shape == (1200, 3) and new.obsm["X_pca"].dtype == np.float32
    np.testing.assert_allclose(new.obsm["X_pca"].mean(0), 5000, atol=60)
    np.testing.assert_allclose(new.obsm["X_pca"].std(0), 100, rtol=0.5)


@pytest.mark.parametrize("convert", [sp.csr_matrix, lambda x: x.toarray()])
def test_continuous_units_of_x_are_dense(fit, adata, convert):
    adata.X = convert(sp.csr_matrix(np.log1p(adata.X.toarray())))
    new = fit(adata, {"likelihood": "normal"}).generate(n_units=2)
    assert isinstance(new.X, np.ndarray) and new.shape == (8, adata.n_vars)
    assert np.isfinite(new.X).all()


def test_groups_that_lack_genes_give_units_with_all_genes_if_allowed(trained, query):
    few = query[:, 20:].copy()
    with pytest.raises(ValueError, match="20 of the model's .*allow_missing_genes=True"):
        trained.generate(few, n_units=3)
    new = trained.generate(few, n_units=3, allow_missing_genes=True)
    assert new.n_vars == trained.adata.n_vars and new.X[:, :20].sum() > 0
