import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from gde.data import check_setup, make_labels, make_units


def make_adata() -> ad.AnnData:
    """An AnnData to which nothing objects."""
    rng = np.random.default_rng(0)
    adata = ad.AnnData(sp.csr_matrix(rng.poisson(1.0, (8, 3)).astype(np.float32)))
    adata.obs["donor"] = ["a", "a", "b", "b", "c", "c", "d", "d"]
    adata.obs["age"] = np.arange(8.0)
    adata.layers["counts"] = adata.X.copy()
    adata.obsm["X_pca"] = rng.normal(size=(8, 2))
    return adata


def assert_same(adata: ad.AnnData, before: ad.AnnData) -> None:
    """Nothing in an AnnData has changed."""
    pd.testing.assert_frame_equal(adata.obs, before.obs)
    pd.testing.assert_frame_equal(adata.var, before.var)
    assert adata.uns.keys() == before.uns.keys()
    for attribute in ("layers", "obsm"):
        assert getattr(adata, attribute).keys() == getattr(before, attribute).keys()
    assert adata.is_view == before.is_view
    for now, then in [(adata.X, before.X), *((adata.layers[key], before.layers[key]) for key in before.layers)]:
        assert type(now) is type(then)
        if now is not None:
            values = [x.toarray() if sp.issparse(x) else x for x in (now, then)]
            np.testing.assert_array_equal(*values)


def _with(value):
    def change(adata):
        adata.X[0, 0] = value
        return adata

    return change


def _obs(column, values):
    return lambda adata: ad.AnnData(adata.X, obs=adata.obs.assign(**{column: values}), layers=adata.layers)


def _names(adata):
    adata.var_names = ["g", "g", "h"]
    return adata


def _column_twice(adata):
    adata.obs = pd.concat([adata.obs, adata.obs[["donor"]]], axis=1)
    return adata


def _complex(adata):
    adata.X = adata.X.astype(complex)
    return adata


def _wide(adata):
    adata.X = adata.X.astype(float)
    adata.X[2, 1] = -1e300
    return adata


def _without_x(adata):
    adata.X = None
    return adata


def _strings(adata):
    adata.obsm["X_text"] = np.full((8, 2), "a")
    return adata


def _sparse_array(adata):
    adata.X = sp.csr_array(adata.X)
    return adata


def _nothing(adata):
    return adata


def _clones(values):
    """Probabilities of two clones, or, in the fourth row, these values; or a matrix as it is."""

    def change(adata):
        matrix = np.full((8, 2), 0.5, dtype=object if isinstance(values, str) else float)
        if np.ndim(values) == 2:
            matrix = values
        else:
            matrix[3] = values
        adata.obsm["clones"] = matrix.astype(str) if matrix.dtype == object else matrix
        return adata

    return change


AGE = {"group_key": "age", "group_kind": "continuous"}
CLONES = {"group_key": None, "group_kind": "noisy", "group_obsm_key": "clones", "group_obsm_kind": "posterior"}


# What is wrong with the AnnData, the arguments, the error, and words of its message, in their order.
BAD_INPUTS = {
    "group_key_unknown": (_nothing, {"group_key": "doner"}, KeyError, ["group_key", "doner", "Did you mean 'donor'"]),
    "group_key_empty": (_nothing, {"group_key": []}, ValueError, ["group_key", "at least one"]),
    "group_key_nested_unknown": (_nothing, {"group_key": ["donor", "dya"]}, KeyError, ["group_key", "dya", "There are"]),
    "batch_is_group": (_nothing, {"batch_key": "donor"}, ValueError, ["'donor'", "more than once", "one role"]),
    "labels_missing": (_obs("donor", ["a", None, "b", "b", "c", "c", None, "d"]), {}, ValueError, ["2 of 8", "notna()"]),
    "one_group": (_obs("donor", "a"), {}, ValueError, ["1 group", "at least 2", "Choose"]),
    "no_units": (lambda adata: adata[:0].copy(), {}, ValueError, ["adata.X", "empty", "(0, 3)", "filtered"]),
    "no_genes": (lambda adata: adata[:, :0].copy(), {}, ValueError, ["adata.X", "empty", "(8, 0)"]),
    "negative": (_with(-2), {}, ValueError, ["adata.X", "negative", "-2", "layer='counts'"]),
    "nan": (_with(np.nan), {}, ValueError, ["adata.X", "NaN", "drop"]),
    "infinite": (_with(np.inf), {}, ValueError, ["adata.X", "infinite", "drop"]),
    "normalised": (_with(1.5), {}, ValueError, ["adata.X", "not integers", "1.5", "layer='counts'"]),
    "nan_continuous": (_with(np.nan), {"likelihood": "normal"}, ValueError, ["adata.X", "NaN"]),
    "view": (lambda adata: adata[:6], {}, ValueError, ["view", "adata.copy()"]),
    "duplicate_genes": (_names, {}, ValueError, ["var_names", "'g'", "var_names_make_unique"]),
    "layer_unknown": (_nothing, {"layer": "count"}, KeyError, ["layer", "count", "'counts'"]),
    "obsm_unknown": (_nothing, {"obsm_key": "pca"}, KeyError, ["obsm_key", "pca", "'X_pca'"]),
    "obsm_strings": (_strings, {"obsm_key": "X_text"}, ValueError, ["X_text", "numbers"]),
    "obsm_and_layer": (_nothing, {"obsm_key": "X_pca", "layer": "counts"}, ValueError, ["obsm_key", "leave out `layer`"]),
    "obsm_counts": (_nothing, {"obsm_key": "X_pca", "likelihood": "nb"}, ValueError, ["obsm_key", "likelihood='normal'"]),
    "no_matrix": (_without_x, {}, ValueError, ["adata.X", "None", "layer"]),
    "sparse_array": (_sparse_array, {}, ValueError, ["adata.X", "csr_matrix"]),
    "batch_unknown": (_nothing, {"batch_key": "agee"}, KeyError, ["batch_key", "agee", "'age'"]),
    "batch_missing": (_obs("lane", ["x"] * 7 + [None]), {"batch_key": "lane"}, ValueError, ["batch_key", "1 of 8", "notna"]),
    "covariate_unknown": (_nothing, {"categorical_covariate_keys": ["sex"]}, KeyError, ["categorical_covariate_keys", "sex"]),
    "covariate_text": (_obs("sex", list("fmfmfmfm")), {"continuous_covariate_keys": ["sex"]}, ValueError, ["continuous_covariate_keys", "sex", "numbers"]),
    "label_unknown": (_nothing, AGE | {"group_key": "agee"}, KeyError, ["group_key", "agee", "'age'"]),
    "label_text": (_nothing, AGE | {"group_key": "donor"}, ValueError, ["group_key", "numbers", "donor", "astype(float)", "discrete"]),
    "label_bool": (_obs("age", [True, False] * 4), AGE, ValueError, ["group_key", "numbers", "bool"]),
    "label_nan": (_obs("age", [1.0, np.nan, 3, 4, 5, 6, np.inf, 8]), AGE, ValueError, ["2 of 8", "np.isfinite(adata.obs['age'])"]),
    "label_constant": (_obs("age", 50.0), AGE, ValueError, ["group_key", "50.0", "at least 2 values", "another column"]),
    "noisy_unknown": (_nothing, CLONES | {"group_obsm_key": "clone"}, KeyError, ["group_obsm_key", "clone", "'X_pca'"]),
    "noisy_text": (_clones("a"), CLONES, ValueError, ["clones", "matrix of numbers"]),
    "noisy_one_group": (_clones(np.ones((8, 1))), CLONES, ValueError, ["clones", "at least 2 columns"]),
    "noisy_nan": (_clones([0.5, np.nan]), CLONES, ValueError, ["clones", "1 of 8", "NaN"]),
    "noisy_negative": (_clones([-0.5, 1.5]), CLONES, ValueError, ["clones", "negative", "-0.5", "numpy.exp"]),
    "noisy_zeros": (_clones([0.0, 0.0]), CLONES, ValueError, ["clones", "1 of 8", "zeros", "Drop"]),
    "noisy_sums": (_clones([0.5, 0.6]), CLONES, ValueError, ["clones", "1 of 8", "do not sum to 1", "1.1", "likelihood"]),
    "group_mixed": (_obs("donor", [1, "1", "b", "b", 2, 2, 3, 3]), {}, ValueError, ["group_key", "'donor'", "int, str", "astype(str)"]),
    "group_tuples": (_obs("donor", [("a", i // 2) for i in range(8)]), {}, ValueError, ["group_key", "'donor'", "tuple", "astype(str)"]),
    "group_dates": (_obs("donor", pd.to_datetime(["2020-01-01", "2021-01-01"] * 4)), {}, ValueError, ["group_key", "'donor'", "Timestamp", "astype(str)"]),
    "batch_mixed": (_obs("lane", pd.Categorical([1, "x"] * 4)), {"batch_key": "lane"}, ValueError, ["batch_key", "'lane'", "astype(str)"]),
    "column_twice": (_column_twice, {}, ValueError, [".obs", "several columns", "'donor'", "duplicated()"]),
    "complex": (_complex, {"likelihood": "normal"}, ValueError, ["adata.X", "real numbers", "complex"]),
    "beyond_float32": (_wide, {"likelihood": "normal"}, ValueError, ["adata.X", "float32", "-1e+300", "rows 0 to 7"]),
    "not_anndata": (lambda adata: adata.obs, {}, TypeError, ["adata", "AnnData", "DataFrame"]),
}  # fmt: skip


def assert_refused(call, change, kwargs, error, words) -> None:
    """``call`` raises an error that has the words, and changes nothing."""
    adata = change(make_adata())
    before = adata.copy()
    is_view = isinstance(adata, ad.AnnData) and adata.is_view
    with pytest.raises(error) as caught:
        call(adata, **({"group_key": "donor"} | kwargs))
    message, position = str(caught.value), 0
    for word in words:
        position = message.find(word, position)
        assert position >= 0, f"{word!r} is not in its place in {message!r}"
    if isinstance(adata, ad.AnnData):
        assert adata.is_view == is_view
        assert_same(adata.copy(), before)


def _check(adata, **kwargs):
    others = {
        argument: value for argument, value in kwargs.items() if argument.endswith(("batch_key", "covariate_keys"))
    }
    check_setup(adata, make_labels(**kwargs), [make_units(**kwargs)], **others)


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
@pytest.mark.parametrize("bad", BAD_INPUTS)
def test_bad_input_is_refused_with_a_cure_and_nothing_changes(bad):
    assert_refused(_check, *BAD_INPUTS[bad])


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"layer": "counts", "likelihood": "zinb"},
        {"likelihood": "normal"},
        {"obsm_key": "X_pca"},
        {"obsm_key": "X_pca", "likelihood": "normal"},
        {"continuous_covariate_keys": ["age"]},
    ],
)
def test_good_input_passes_and_nothing_changes(kwargs):
    adata = make_adata()
    _check(adata, **({"group_key": "donor"} | kwargs))
    assert_same(adata, make_adata())


@pytest.mark.parametrize("convert", [np.asarray, sp.csr_matrix])
@pytest.mark.parametrize("kind", ["posterior", "likelihood"])
def test_labels_that_share_units_pass_and_nothing_changes(convert, kind):
    adata = _clones([0.2, 0.8])(make_adata())
    adata.obsm["clones"] = convert(adata.obsm["clones"])
    before = adata.copy()
    _check(adata, **(CLONES | {"group_obsm_kind": kind}))
    _check(adata, **AGE, bandwidth=2)
    assert_same(adata, before)
    adata.obsm["clones"] = convert(np.full((8, 2), 3.0))
    _check(adata, **(CLONES | {"group_obsm_kind": "likelihood"}))


def test_one_group_is_enough_to_embed():
    adata = make_adata()
    one_group = adata[adata.obs["donor"] == "a"].copy()
    before = one_group.copy()
    check_setup(one_group, make_labels("donor"), [make_units()], min_groups=1)
    assert_same(one_group, before)
