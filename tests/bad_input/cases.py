"""AnnData of every kind that users bring, sound and unsound: a plain one with up to three twists."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import anndata as ad
import dask.array as da
import numpy as np
import pandas as pd
import scipy.sparse as sp
from hypothesis import strategies as st

N_UNITS, GENES = 16, [f"g{i}" for i in range(5)]
FOLDER = tempfile.TemporaryDirectory()
DONORS = np.repeat(["D1", "D2", "D3", "D4"], N_UNITS // 4)


class Case(NamedTuple):
    """An AnnData with the arguments of ``setup_anndata`` that go with it; ``twists`` says how it was made."""

    adata: ad.AnnData
    setup: dict[str, Any]
    twists: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Case({', '.join(self.twists) or 'plain'})"


# Values, a float64 matrix of small counts at first.


def _put(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def put(x: np.ndarray) -> np.ndarray:
        x[1, 2] = value
        return x

    return put


def _zero(where: Any) -> Callable[[np.ndarray], np.ndarray]:
    def zero(x: np.ndarray) -> np.ndarray:
        x[where] = 0
        return x

    return zero


VALUES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "NaN": _put(np.nan),
    "infinity": _put(np.inf),
    "minus infinity": _put(-np.inf),
    "negative": _put(-1),
    "fraction": _put(0.5),
    "million": _put(1e6),
    "2**24 + 1": _put(2.0**24 + 1),
    "above float16": _put(70_000),
    "above float32": _put(1e300),
    "zero cell": _zero(3),
    "zero gene": _zero((slice(None), 1)),
    "zero group": _zero(slice(0, 4)),
    "all zero": _zero(slice(None)),
    "all one": lambda x: np.ones_like(x),
    "zeros and ones": lambda x: (x > 1).astype(float),
    "log-normalised": lambda x: np.log1p(x / x.sum(1, keepdims=True) * 1e4),
    "deep": lambda x: x * 10_000,
    "shallow": lambda x: (np.arange(x.size).reshape(x.shape) % 7 == 0).astype(float),
}
SHAPES = {
    "no units": (0, 5),
    "no genes": (N_UNITS, 0),
    "one unit": (1, 5),
    "two units": (2, 5),
    "one gene": (N_UNITS, 1),
}
DTYPES = "float16 float64 int8 int32 int64 uint8 uint16 uint64 bool object complex64 str".split()
FORMATS = [
    "csc", "dense", "fortran", "csr array", "csc array", "dask dense", "dask csr", "backed dense", "backed csr", "backed csc",
    "view", "view of genes", "unsorted csr", "duplicate csr", "explicit zeros", "layer", "layer and no X", "no X", "raw", "read-only",
]  # fmt: skip

# Groups of the units, and other columns.
LABELS: dict[str, Callable[[int], Any]] = {
    "unused categories": lambda n: pd.Categorical(_fill("ab", n), categories=["unused", "b", "a"]),
    "only unused categories": lambda n: pd.Categorical([None] * n, categories=["a", "b"]),
    "ordered categories": lambda n: pd.Categorical(_fill("ab", n), categories=["b", "a"], ordered=True),
    "integer categories": lambda n: pd.Categorical(_fill([3, 1, 2], n)),
    "interval categories": lambda n: pd.cut(np.arange(n), 2) if n > 1 else _fill([1], n),
    "spaces": lambda n: _fill([" a", "a ", "a b", "\t"], n),
    "unicode": lambda n: _fill(["Zürich", "東京", "🧬", "e\u0301", "é"], n),
    "empty text": lambda n: _fill(["", "a"], n),
    "separators": lambda n: _fill(["a | b", "a/b", "a\nb", "'", "`"], n),
    "long names": lambda n: _fill(["x" * 5000, "y" * 5000], n),
    "integers": lambda n: np.asarray(_fill([0, 1, 7], n), int),
    "huge integers": lambda n: np.asarray(_fill([2**60, 2**60 + 1], n), np.int64),
    "nullable integers": lambda n: pd.array(_fill([1, 2], n), dtype="Int64"),
    "nullable integers with missing": lambda n: pd.array(_fill([1, 2, None], n), dtype="Int64"),
    "string dtype": lambda n: pd.array(_fill("ab", n), dtype="string"),
    "string dtype with missing": lambda n: pd.array(_fill(["a", None], n), dtype="string"),
    "floats": lambda n: np.asarray(_fill([0.5, 1.5], n), float),
    "floats with NaN": lambda n: np.asarray(_fill([0.5, np.nan, 1.5], n), float),
    "floats with infinity": lambda n: np.asarray(_fill([0.5, np.inf, 1.5], n), float),
    "booleans": lambda n: np.asarray(_fill([True, False], n), bool),
    "nullable booleans": lambda n: pd.array(_fill([True, False], n), dtype="boolean"),
    "dates": lambda n: pd.to_datetime(_fill(["2020-01-01", "2021-01-01"], n)),
    "missing text": lambda n: _fill(["a", None, "b"], n),
    "NaN among text": lambda n: _fill(["a", np.nan, "b"], n),
    "all missing": lambda n: [None] * n,
    "word nan": lambda n: _fill(["nan", "None", "a"], n),
    "mixed types": lambda n: pd.Series(_fill([1, "1", "b"], n), dtype=object).to_numpy(),
    "mixed types that sort not": lambda n: pd.Series(_fill([1, "b", 2.5, True], n), dtype=object).to_numpy(),
    "tuples": lambda n: pd.Series([("a", i % 2) for i in range(n)], dtype=object).to_numpy(),
    "one value": lambda n: ["a"] * n,
    "one of its own": lambda n: [f"u{i}" for i in range(n)],
    "one unit and the rest": lambda n: ["a"] * min(n, 1) + ["b"] * (n - 1),
    "two of each": lambda n: [f"u{i // 2}" for i in range(n)],
    "numbers as text": lambda n: _fill(["1", "2", "10"], n),
}
# Names of genes and cells, and columns.
NAMES = ["duplicated genes", "duplicated cells", "empty gene name", "integer gene names", "duplicated columns", "integer column", "odd column", "reserved columns"]  # fmt: skip
KEYS: dict[str, Any] = {
    "unknown": "dono", "None": None, "integer": 3, "empty list": [], "list": ["donor"], "tuple": ("donor",), "nested": ["donor", "type"],
    "twice": ["donor", "donor"], "list with None": ["donor", None], "empty text": "", "array": np.array(["donor", "type"]), "set of one": {"donor"},
    "bytes": b"donor", "true": True, "the batch": "lane",
}  # fmt: skip
ARGUMENTS: dict[str, list[Any]] = {
    "batch_key": ["lane", "donor", "lan", "", 3, ["lane"], True],
    "categorical_covariate_keys": [["lane"], ["lane", "type"], "lane", ["lan"], [], [None], 3, ["lane", "lane"], ["donor"]],
    "continuous_covariate_keys": [["age"], "age", ["ag"], [], [None], ["lane"], ["age", "age"], 3],
    "labels_key": ["phenotype", "lane", "phenotyp", "donor", 3, "age", ["phenotype"]],
    "unlabeled_category": ["unknown", None, 3, np.nan],
    "likelihood": ["nb", "zinb", "poisson", "bernoulli", "normal", "gauss", "", 3, ["nb"]],
    "layer": ["counts", "count", "", 3, ["counts"]],
    "obsm_key": ["X_pca", "X_pc", "frame", "sparse", "text", "image", "empty", "NaN", "row", 3, ""],
    "encoder_obsm_key": ["X_pca", "X_pc", "frame", "sparse", "text", "image", "empty", "NaN", 3],
    "observation": ["counts", "continuous", "image", "sequence", "joint", "count", 3],
    "group_kind": ["discrete", "continuous", "noisy", "smooth", 3],
    "bandwidth": [1.0, 0, -1, np.nan, np.inf, "wide", 1e-300],
    "group_obsm_key": ["clones", "X_pca", "clone", 3],
    "group_obsm_kind": ["posterior", "likelihood", "prior"],
    "value_range": [(0, 1), (1, 0), (0, np.nan), 3, "a", (0, 1, 2)],
    "sequence_key": ["sequence", "sequenc", "donor", "age", 3],
    "alphabet": ["dna", "protein", "ACGT", "", 4, -1, "AA", 3.5],
    "unknown_letters": ["refuse", "map", "drop"],
    "max_length": [10, 1, 0, -1, 2.5, "long"],
}  # fmt: skip


def _fill(values: Any, n: int) -> list[Any]:
    """n values in runs, each value at least once where there is room."""
    values = list(values)
    return [values[i * len(values) // n] for i in range(n)]


def _counts(shape: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(0).poisson(3.0, shape).astype(float)


def _as(x: np.ndarray, dtype: str) -> np.ndarray:
    with np.errstate(all="ignore"):
        return x.astype(dtype)


def _matrix(x: np.ndarray, kind: str) -> Any:
    """The values in another format."""
    if kind.startswith("dask"):
        return da.from_array(x if kind == "dask dense" else _sparse(x), chunks=(5, -1), asarray=False)
    if kind in ("dense", "backed dense"):
        return x
    if kind == "fortran":
        return np.asfortranarray(x)
    if kind == "read-only":
        x.flags.writeable = False
        return x
    if kind in ("csr array", "csc array"):
        return (sp.csr_array if kind == "csr array" else sp.csc_array)(x)
    matrix = _sparse(x)
    if kind == "unsorted csr":
        for row in range(matrix.shape[0]):
            own = slice(*matrix.indptr[row : row + 2])
            matrix.indices[own], matrix.data[own] = matrix.indices[own][::-1].copy(), matrix.data[own][::-1].copy()
        matrix.has_sorted_indices = False
    if kind == "duplicate csr":
        matrix = sp.csr_matrix(
            (np.repeat(matrix.data, 2), np.repeat(matrix.indices, 2), 2 * matrix.indptr), matrix.shape
        )
    if kind == "explicit zeros" and matrix.nnz:
        matrix.data[::2] = 0
    return sp.csc_matrix(matrix) if "csc" in kind else matrix


def _sparse(x: np.ndarray) -> sp.csr_matrix:
    return sp.csr_matrix(x if x.dtype != np.float16 else x.astype(np.float32))


def _obs(n: int) -> pd.DataFrame:
    i = np.arange(n)
    columns = {
        "donor": DONORS[:n] if n > 2 else np.array(["D1", "D2"])[:n],
        "type": np.where(i % 2, "T", "B"),
        "lane": np.where(i % 4 < 2, "x", "y"),
        "age": 30.0 + i,
        "phenotype": np.where(i < n // 2, "ill", "well"),
        "sequence": np.where(i % 2, "ACGT", "AC"),
    }
    return pd.DataFrame(columns, index=[f"c{j}" for j in i])


def _obsm(n: int) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    pca = rng.normal(size=(n, 3)).astype(np.float32)
    missing = pca.copy()
    missing[:1] = np.nan
    return {
        "X_pca": pca,
        "frame": pd.DataFrame(pca, index=[f"c{j}" for j in range(n)], columns=list("abc")),
        "sparse": sp.csr_matrix(pca),
        "text": np.full((n, 2), "a"),
        "image": rng.integers(0, 255, (n, 1, 8, 8)).astype(np.uint8),
        "empty": np.zeros((n, 0), np.float32),
        "NaN": missing,
        "clones": np.full((n, 2), 0.5),
    }


def _rename(adata: ad.AnnData, how: str) -> ad.AnnData:
    if how == "duplicated genes" and adata.n_vars > 1:
        adata.var_names = ["g", "g", *adata.var_names[2:]]
    if how == "empty gene name" and adata.n_vars:
        adata.var_names = ["", *adata.var_names[1:]]
    if how == "integer gene names":
        adata.var_names = range(adata.n_vars)
    if how == "duplicated cells" and adata.n_obs > 1:
        adata.obs_names = ["c", "c", *adata.obs_names[2:]]
    if how == "duplicated columns":
        adata.obs = pd.concat([adata.obs, adata.obs[["donor"]]], axis=1)
    if how == "integer column":
        adata.obs[3] = adata.obs["donor"]
    if how == "odd column":
        adata.obs["donor "] = adata.obs["donor"]
    if how == "reserved columns":
        adata.obs["_scvi_batch"], adata.obs["_gde_group"], adata.obs["n_units"] = 5, "mine", 1
        adata.uns["gde"] = "mine"
    return adata


def _place(adata: ad.AnnData, kind: str, setup: dict[str, Any]) -> ad.AnnData:
    """Where the matrix is: in a layer, on disk, or a view."""
    if kind.startswith("layer"):
        adata.layers["counts"] = adata.X.copy()
        setup["layer"] = "counts"
    if kind in ("no X", "layer and no X"):
        adata.X = None
    if kind == "raw":
        adata.raw = adata.copy()
    if kind == "view":
        return adata[::-1]
    if kind == "view of genes":
        return adata[:, : max(1, adata.n_vars - 1)]
    if kind.startswith("backed"):
        for key in ("text", "frame"):  # what not every version of h5ad can hold
            del adata.obsm[key]
        path = Path(FOLDER.name) / "cells.h5ad"
        path.unlink(missing_ok=True)
        adata.write_h5ad(path)
        return ad.read_h5ad(path, backed="r")
    return adata


def make_case(twists: dict[str, Any]) -> Case | None:
    """An AnnData with these twists; None where anndata itself refuses it."""
    n, n_genes = SHAPES[twists["shape"]] if "shape" in twists else (N_UNITS, len(GENES))
    x = _counts((n, n_genes))
    setup: dict[str, Any] = {"group_key": "donor"}
    try:
        if "values" in twists and min(n - 1, n_genes - 2) > 0:
            x = VALUES[twists["values"]](x)
        x = _as(x, twists.get("dtype", "float32"))
        kind = twists.get("format", "csr")
        obs = _obs(n)
        for column in ("donor", "lane", "age", "phenotype"):
            if column in twists:
                obs[column] = LABELS[twists[column]](n)
                setup |= {
                    "donor": {},
                    "lane": {"batch_key": "lane"},
                    "age": {"continuous_covariate_keys": ["age"]},
                    "phenotype": {"labels_key": "phenotype"},
                }[column]
        if "group_key" in twists:
            setup["group_key"] = KEYS[twists["group_key"]]
        for argument in ARGUMENTS:
            if argument in twists:
                setup[argument] = ARGUMENTS[argument][twists[argument]]
        adata = ad.AnnData(_matrix(x, kind), obs=obs, var=pd.DataFrame(index=GENES[:n_genes]), obsm=_obsm(n))
        adata.layers["counts"] = adata.X.copy()
        if "names" in twists:
            adata = _rename(adata, twists["names"])
        adata = _place(adata, kind, setup)
    except Exception:  # noqa: BLE001  anndata, pandas and h5py have many types, and no case of ours begins where they end
        return None
    return Case(adata, setup, tuple(f"{name}: {_shown(name, twist)}" for name, twist in twists.items()))


def _shown(name: str, twist: Any) -> Any:
    return ARGUMENTS[name][twist] if name in ARGUMENTS else twist


TWISTS: dict[str, list[Any]] = {
    "values": list(VALUES),
    "shape": list(SHAPES),
    "dtype": DTYPES,
    "format": FORMATS,
    "donor": list(LABELS),
    "lane": list(LABELS),
    "age": list(LABELS),
    "phenotype": list(LABELS),
    "names": NAMES,
    "group_key": list(KEYS),
    **{argument: list(range(len(values))) for argument, values in ARGUMENTS.items()},
}


@st.composite
def twisted(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(TWISTS)) -> dict[str, Any]:
    """Up to three twists of different kinds."""
    names = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique=True))
    return {name: draw(st.sampled_from(TWISTS[name])) for name in names}


def cases(kinds: tuple[str, ...] = tuple(TWISTS)) -> st.SearchStrategy[Case]:
    """Cases with twists of these kinds."""
    return twisted(kinds).map(make_case).filter(lambda case: case is not None)
