import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import gde
from tests.data.test_check_setup import assert_same

pytestmark = pytest.mark.filterwarnings("ignore:.*single unit", "ignore:Training will be faster")


def _embed(model, adata=None, **kwargs):
    return model.get_group_embeddings(adata, **({"key_added": None} | kwargs))


def _assert_close(actual, expected, atol=1e-5):
    pd.testing.assert_index_equal(actual.index, expected.index)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=atol)


@pytest.fixture(scope="module")
def own(trained):
    return _embed(trained)


@pytest.fixture
def query(cohort):
    """Donors that the model has not seen."""
    query = cohort[cohort.obs["part"] == "unseen"].copy()
    query.obs["donor"] = query.obs["donor"].astype(str)
    return query


# What comes back


def test_one_row_per_group_and_one_column_per_dimension(trained, own):
    assert own.shape == (12, 4)
    assert own.columns.tolist() == ["gde_0", "gde_1", "gde_2", "gde_3"]
    assert own.index.tolist() == trained.group_names
    assert np.isfinite(own.to_numpy()).all()
    assert (own.std() > 0).all()


def test_written_slots_survive_a_file(fit, adata, tmp_path):
    model = fit(adata)
    embeddings = model.get_group_embeddings()
    adata.write_h5ad(tmp_path / "cells.h5ad")
    for slot in (adata.uns["gde"], ad.read_h5ad(tmp_path / "cells.h5ad").uns["gde"]):
        pd.testing.assert_frame_equal(slot["embeddings"], embeddings)
        assert (
            list(slot["n_units"]) == adata.obs["donor"].value_counts(sort=False).tolist() == list(slot["n_effective"])
        )
        params = slot["params"]
        assert list(params["group_key"]) == ["donor"]
        assert (params["model"], params["encoder"], params["seed"]) == ("GDEModel", "DeepSets", 0)
        assert params["version"] == gde.__version__ and params["n_missing_genes"] == 0


def test_key_added_names_the_slot_and_none_writes_nothing(fit, adata):
    model = fit(adata)
    before = set(adata.uns)
    model.get_group_embeddings(key_added=None)
    assert set(adata.uns) == before
    model.get_group_embeddings(key_added="mine")
    assert set(adata.uns) == before | {"mine"}


def test_groups_that_are_asked_for_come_in_that_order(trained, own):
    _assert_close(_embed(trained, groups=["D07", "D02"]), own.loc[["D07", "D02"]])
    with pytest.raises(KeyError, match="`groups`: 'D7' is not a group here. Did you mean"):
        _embed(trained, groups=["D7"])
    with pytest.raises(ValueError, match="each group once"):
        _embed(trained, groups=["D07", "D07"])


def test_groups_that_were_renamed_or_dealt_anew_are_embedded_as_they_are_named_now(fit, adata):
    model = fit(adata)
    before = _embed(model)
    adata.obs["donor"] = adata.obs["donor"].cat.rename_categories(lambda name: f"patient {name}")
    after = _embed(model)
    assert after.index.tolist() == [f"patient {name}" for name in before.index]
    np.testing.assert_allclose(after, before, atol=1e-6)
    donors = adata.obs["donor"].astype(str)
    adata.obs["donor"] = donors.replace({"patient D1": "patient D2", "patient D2": "patient D1"})
    np.testing.assert_allclose(_embed(model).iloc[:2], before.iloc[[1, 0]], atol=1e-6)
    assert model.generate(groups=["patient D1"], n_units=2).obs["donor"].tolist() == ["patient D1"] * 2
    with pytest.raises(ValueError, match="have changed since `setup_anndata`: call it again"):
        model.train(max_epochs=1)


def test_distances_are_those_of_the_embeddings(trained, own):
    distances = trained.get_group_distances()
    assert distances.index.equals(own.index) and distances.columns.equals(own.index)
    assert distances.loc["D01", "D03"] == pytest.approx(np.linalg.norm(own.loc["D01"] - own.loc["D03"]))
    assert "gde" not in trained.adata.uns


def test_an_untrained_model_has_no_results(adata):
    gde.setup_anndata(adata, group_key="donor")
    model = gde.GDEModel(adata, n_latent=2, n_hidden=4)
    for ask in (model.get_group_embeddings, model.get_group_distances, model.generate):
        with pytest.raises(RuntimeError, match=r"not been trained.*model.train\(\)"):
            ask()


# What it depends on


@pytest.mark.parametrize("batch_size", [7, 100, 4096])
def test_chunks_do_not_matter(trained, own, batch_size):
    _assert_close(_embed(trained, batch_size=batch_size), own)


def test_order_of_the_cells_does_not_matter(trained, own):
    order = np.random.default_rng(0).permutation(trained.adata.n_obs)
    _assert_close(_embed(trained, trained.adata[order].copy()), own)


def test_copies_of_the_cells_do_not_matter(trained, own):
    copies = ad.concat([trained.adata] * 3, index_unique="-")
    _assert_close(_embed(trained, copies, batch_size=100), own)


def test_other_groups_do_not_matter(trained, own):
    few = trained.adata[trained.adata.obs["donor"].isin(["D02", "D07"])].copy()
    _assert_close(_embed(trained, few), own.loc[["D02", "D07"]])


def test_depth_of_sequencing_hardly_matters(trained, own):
    deeper = trained.adata.copy()
    deeper.X = deeper.X * 3
    _assert_close(_embed(trained, deeper), own, atol=1e-4)


# Groups that were never seen


def test_new_groups_are_embedded_and_only_uns_is_written(trained, query):
    before = query.copy()
    weights = {name: value.clone() for name, value in trained.module.state_dict().items()}
    embeddings = trained.get_group_embeddings(query)
    assert embeddings.index.tolist() == sorted(query.obs["donor"].unique())
    assert set(query.uns) == set(before.uns) | {"gde"}
    del query.uns["gde"]
    assert_same(query, before)
    assert all((value == weights[name]).all() for name, value in trained.module.state_dict().items()), "no training"


def test_new_groups_may_be_mixed_with_known_ones(trained, own, query):
    both = ad.concat([query, trained.adata])
    embeddings = _embed(trained, both)
    _assert_close(embeddings.loc[own.index], own)
    _assert_close(embeddings.drop(own.index), _embed(trained, query))


def test_covariates_are_not_needed_to_embed(trained, query):
    expected = _embed(trained, query)
    query.obs = query.obs[["donor"]]
    _assert_close(_embed(trained, query), expected, atol=0)


def test_one_group_of_one_unit_without_counts_has_an_embedding(trained, query):
    one = query[:1].copy()
    one.X = one.X * 0
    embedding = _embed(trained, one)
    assert embedding.shape == (1, 4) and np.isfinite(embedding.to_numpy()).all()


def test_a_bad_query_is_refused_and_unchanged(trained, query):
    query.X = query.X.astype(float)
    query.X.data[3] = np.nan
    before = query.copy()
    with pytest.raises(ValueError, match="`adata.X` has 1 NaN"):
        trained.get_group_embeddings(query)
    assert_same(query, before)
    with pytest.raises(KeyError, match=r"'donor' is not a column.*'donors'"):
        trained.get_group_embeddings(ad.AnnData(before.X, obs=before.obs.rename(columns={"donor": "donors"})))


# Genes


@pytest.mark.parametrize("convert", [sp.csr_matrix, sp.csc_matrix, lambda x: x.toarray()])
def test_genes_in_another_order_and_further_genes_are_aligned(trained, query, convert):
    expected = _embed(trained, query)
    order = np.random.default_rng(0).permutation(query.n_vars)
    shuffled = query[:, order].copy()
    shuffled.X = convert(shuffled.X)
    _assert_close(_embed(trained, shuffled), expected)
    extra = ad.AnnData(sp.csr_matrix(np.full((query.n_obs, 2), 9.0)), obs=query.obs, var=pd.DataFrame(index=["x", "y"]))
    more = ad.concat([extra, shuffled], axis=1, merge="same")
    more.X = convert(sp.csr_matrix(more.X))
    _assert_close(_embed(trained, more), expected)


def test_missing_genes_are_counted_and_five_of_them_named(trained, query):
    missing = query.var_names[[3, 8, 20, 41, 60, 77, 99]]
    few = query[:, ~query.var_names.isin(missing)].copy()
    with pytest.raises(ValueError, match="7 of the model's 100 genes.*allow_missing_genes=True") as error:
        _embed(trained, few)
    assert [name in str(error.value) for name in missing] == [True] * 5 + [False] * 2


@pytest.mark.parametrize("convert", [sp.csr_matrix, sp.csc_matrix, lambda x: x.toarray()])
def test_missing_genes_are_masked_and_not_taken_for_zeros(trained, query, convert):
    full = _embed(trained, query)
    is_missing = np.random.default_rng(0).random(query.n_vars) < 0.2
    few = query[:, ~is_missing].copy()
    few.X = convert(few.X)
    masked = trained.get_group_embeddings(few, allow_missing_genes=True)
    assert few.uns["gde"]["params"]["n_missing_genes"] == is_missing.sum()

    zeros = query.copy()
    zeros.X = sp.csr_matrix(zeros.X.multiply(~is_missing), dtype=np.float32)
    errors = [((z - full) ** 2).to_numpy().mean() for z in (masked, _embed(trained, zeros))]
    assert errors[0] < 0.5 * errors[1]
    spread = ((full - full.mean()) ** 2).to_numpy().mean()
    assert errors[0] < 0.5 * spread


def test_an_anndata_without_any_of_the_genes_is_refused_also_if_some_may_miss(trained, query):
    query.var_names = [f"ENSG{i}" for i in range(query.n_vars)]
    with pytest.raises(ValueError, match="None of the model's 100 genes.*symbols or ids"):
        _embed(trained, query, allow_missing_genes=True)


# Labels


@pytest.mark.parametrize(
    ("convert", "names"),
    [
        (lambda code: code + 7, ["7", "8", "9", "10"]),
        (lambda code: code > 1, ["False", "True"]),
        (lambda code: np.array(["ä b", "β/γ", "中", "d|e"])[code], ["d|e", "ä b", "β/γ", "中"]),
        (lambda code: pd.Categorical.from_codes(code, ["z", "y", "x", "w", "unused"]), ["z", "y", "x", "w"]),
        (lambda code: pd.array(np.array(["a", "b", "c", "d"])[code], dtype="string"), ["a", "b", "c", "d"]),
    ],
    ids=["int", "bool", "unicode", "category", "string"],
)
def test_labels_of_any_type(fit, adata, tmp_path, convert, names):
    adata.obs["label"] = convert(adata.obs["donor"].cat.codes.to_numpy())
    original = adata.obs["label"].copy()
    model = fit(adata, {"group_key": "label"})
    assert model.get_group_embeddings().index.tolist() == names
    pd.testing.assert_series_equal(adata.obs["label"], original)

    generated = model.generate(n_units=2)
    assert generated.obs["label"].astype(str).tolist() == [name for name in names for _ in range(2)]
    one = model.generate(groups=[original.iloc[0]], n_units=1)
    assert one.obs["label"].iloc[0] == original.iloc[0]

    with ad.settings.override(allow_write_nullable_strings=True):  # anndata 0.12 otherwise refuses pandas' strings
        adata.write_h5ad(tmp_path / "cells.h5ad")
        generated.write_h5ad(tmp_path / "generated.h5ad")
    groups = gde.get.group_adata(ad.read_h5ad(tmp_path / "cells.h5ad"))
    assert groups.obs_names.tolist() == names


def test_a_list_of_keys_makes_nested_groups(fit, adata):
    model = fit(adata, {"group_key": ["donor", "batch"]})
    embeddings = model.get_group_embeddings()
    pairs = adata.obs[["donor", "batch"]].drop_duplicates().sort_values(["donor", "batch"])
    assert embeddings.index.tolist() == [f"{donor} | {batch}" for donor, batch in pairs.itertuples(index=False)]
    generated = model.generate(groups=["D2 | batch1"], n_units=3)
    assert (generated.obs[["donor", "batch"]] == ["D2", "batch1"]).all(axis=None)

    query = adata.copy()
    query.obs = query.obs[["donor", "batch"]].astype(str).replace({"donor": {"D1": "new"}})
    new = _embed(model, query)
    np.testing.assert_allclose(new.loc["new | batch1"], embeddings.loc["D1 | batch1"], atol=1e-6)
    assert "_gde_group" not in query.obs


# Where units are


def test_units_in_a_layer(fit, adata):
    expected = _embed(fit(adata.copy()))
    adata.layers["counts"] = adata.X
    adata.X = sp.csr_matrix(np.log1p(adata.X.toarray()))
    model = fit(adata, {"layer": "counts"})
    _assert_close(_embed(model), expected, atol=0)
    _assert_close(_embed(model, adata.copy()), expected)
    del adata.layers["counts"]
    with pytest.raises(KeyError, match="`layer`: 'counts'"):
        _embed(model, ad.AnnData(adata.X, obs=adata.obs))


def test_units_in_obsm(fit, adata):
    model = fit(adata, {"obsm_key": "X_pca"})
    expected = _embed(model)
    other_genes = ad.AnnData(obs=adata.obs, obsm={"X_pca": adata.obsm["X_pca"]})
    _assert_close(_embed(model, other_genes), expected)
    with pytest.raises(ValueError, match="has 2 columns, and the model was trained on 3"):
        _embed(model, ad.AnnData(obs=adata.obs, obsm={"X_pca": adata.obsm["X_pca"][:, :2]}))


@pytest.mark.parametrize("convert", [sp.csr_matrix, sp.csc_matrix, lambda x: x.toarray()])
def test_units_in_a_backed_file(fit, adata, tmp_path, convert):
    expected = _embed(fit(adata.copy()))
    del adata.obs["age"]
    adata.X = convert(adata.X)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    backed = ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    _assert_close(_embed(fit(backed)), expected, atol=0)
    _assert_close(_embed(fit(adata.copy()), ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")), expected)
