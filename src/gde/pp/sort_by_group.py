"""A store whose groups lie together."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata.io import read_elem, sparse_dataset, write_elem

from gde.data import SORTED_BY, check_integer, check_keys, check_obs, group_labels
from gde.pp._sorted_rows import sorted_rows

VALUES_PER_CHUNK = 2**15  # of the new store: a run of a few hundred cells lies in one or two chunks
MATRICES = ("layers", "obsm")


def sort_by_group(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    group_key: str | Sequence[str],
    *,
    chunk_size: int = 50_000,
    seed: int = 0,
) -> None:
    """Write an AnnData to a new store in which the units of each group lie together in random order.

    A set of units is then a run of rows, which a disk reads in one piece: training from the store (backed h5ad, zarr, or lazily opened) needs no
    memory for the units and is much faster than from any other order. The units are never all in memory: they are read once from start to
    end, dealt out to temporary files beside the target (which need as much space as the units uncompressed), and written piece by piece.

    Parameters
    ----------
    source
        A store of an AnnData: ``.h5ad`` or ``.zarr``.
    target
        The new store, in the format that its name says: ``.h5ad`` or ``.zarr``. It has ``.X``, ``.layers``, ``.obsm``, ``.obs``, ``.var`` and ``.uns``,
        and the group keys in ``.uns["gde_sorted_by"]``; ``.obsp``, ``.varm``, ``.varp`` and ``.raw`` stay behind.
    group_key
        As in :meth:`gde.GDEModel.setup_anndata`.
    chunk_size
        Number of units in memory at a time.
    seed
        Seed of the order within groups.

    Raises
    ------
    FileExistsError, FileNotFoundError
        If the target exists, or the source or the target's folder does not.
    TypeError
        If an argument is of another type.
    ValueError
        If a file is damaged, a name ends in neither ``.h5ad`` nor ``.zarr``, labels are missing, or a matrix is stored by columns.

    Examples
    --------
    >>> import tempfile
    >>> import anndata as ad
    >>> import gde
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     adata = gde.datasets.simulate_cohort(n_donors=3, n_units=20, n_genes=10)
    ...     adata[::-1].write_h5ad(f"{folder}/cells.h5ad")
    ...     gde.pp.sort_by_group(f"{folder}/cells.h5ad", f"{folder}/sorted.h5ad", "donor")
    ...     backed = ad.read_h5ad(f"{folder}/sorted.h5ad", backed="r")
    ...     gde.setup_anndata(backed, group_key="donor")
    ...     list(backed.obs["donor"].iloc[[0, 20, 40]])
    ['D1', 'D2', 'D3']
    """
    check_keys({"group_key": group_key})
    check_integer("chunk_size", chunk_size, 1)
    check_integer("seed", seed)
    keys = [group_key] if isinstance(group_key, str) else list(group_key or [])
    source, target = (_path(argument, path) for argument, path in {"source": source, "target": target}.items())
    if not source.exists():
        raise FileNotFoundError(f"`source`: there is no {source}. Name a store of an AnnData, `.h5ad` or `.zarr`.")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"`target`: there is no folder {target.parent}. Make it first.")
    if target.exists():
        raise FileExistsError(f"`target`: {target} exists. Delete it, or write to another place.")
    unfinished = target.with_name(f"unfinished-{target.name}")
    try:
        with ExitStack() as stack:
            _write(
                _open(source, "r", stack), _open(unfinished, "w", stack), keys, chunk_size, seed, stack, target.parent
            )
        os.replace(unfinished, target)
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        unfinished.unlink(missing_ok=True)


def _write(old: Any, new: Any, keys: list[str], chunk_size: int, seed: int, stack: ExitStack, folder: Path) -> None:
    obs = read_elem(old["obs"])
    check_obs(obs, keys, min_groups=1)
    order = _order(obs, keys, seed)
    new.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
    write_elem(new, "obs", obs.iloc[order])
    write_elem(new, "var", read_elem(old["var"]))
    write_elem(new, "uns", (read_elem(old["uns"]) if "uns" in old else {}) | {SORTED_BY: np.array(keys, dtype=object)})
    for name in MATRICES:
        write_elem(new, name, {})
    temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder, prefix="sorting-")))
    if "X" in old:
        _copy_matrix(old, new, "X", order, chunk_size, temporary)
    for where in MATRICES:
        for key in old[where] if where in old else ():
            _copy_matrix(old[where], new[where], key, order, chunk_size, temporary)
    if not isinstance(new, h5py.File):
        import zarr

        with warnings.catch_warnings():  # readers of zarr 3 take it as a favour, not as part of the format
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(new.store)


def _path(argument: str, path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"`{argument}` must be the path of a store, `.h5ad` or `.zarr`, got {path!r}.")
    return Path(path)


def _order(obs: pd.DataFrame, keys: list[str], seed: int) -> np.ndarray:
    """Rows group by group, within groups in random order."""
    codes = group_labels(obs, keys).astype("category").cat.codes.to_numpy()
    shuffled = np.random.default_rng(seed).permutation(len(obs))
    return shuffled[np.argsort(codes[shuffled], kind="stable")]


def _open(path: Path, mode: Literal["r", "w"], stack: ExitStack) -> Any:
    if path.suffix == ".h5ad":
        try:
            return stack.enter_context(h5py.File(path, mode))
        except OSError as error:
            raise ValueError(f"`{path}` cannot be opened as an h5ad file ({error}). Is it one, and whole?") from error
    if path.suffix == ".zarr":
        import zarr

        return zarr.open_group(path, mode=mode)
    raise ValueError(f"`{path}` is named as neither `.h5ad` nor `.zarr`, so its format is unknown.")


def _copy_matrix(old: Any, new: Any, key: str, order: np.ndarray, chunk_size: int, folder: Path) -> None:
    """Write a matrix of a group of the store, with a row per unit, in another order."""
    stored = old[key]
    kind = stored.attrs["encoding-type"]
    if kind not in ("array", "csr_matrix"):
        name = stored.name.strip("/")
        if not name.startswith("obsm"):
            raise ValueError(
                f"`{name}` is stored as {kind}, which cannot be read by rows. Write it as CSR: `adata.{name.replace('/', '.')} = scipy.sparse.csr_matrix(...)`."
            )
        write_elem(new, key, read_elem(stored).iloc[order])  # a DataFrame
        return
    matrix = sparse_dataset(stored) if kind == "csr_matrix" else stored
    pieces = sorted_rows(matrix, order, chunk_size, folder)
    if kind == "array":
        _write_dense(new, key, pieces, matrix)
        return
    empty = sp.csr_matrix((0, matrix.shape[1]), dtype=matrix.dtype)
    empty.indptr = empty.indptr.astype(np.int64)  # more than 2^31 values
    write_elem(new, key, empty, dataset_kwargs={"chunks": (VALUES_PER_CHUNK,)})
    target = sparse_dataset(new[key])
    for piece in pieces:
        target.append(piece)


def _write_dense(new: Any, key: str, pieces: Any, like: Any) -> None:
    chunks = (max(1, VALUES_PER_CHUNK // max(1, like.shape[1])), *like.shape[1:])
    chunks = tuple(min(sizes) for sizes in zip(chunks, like.shape, strict=True))
    create = new.create_dataset if isinstance(new, h5py.Group) else new.create_array
    target = create(key, shape=like.shape, dtype=like.dtype, chunks=chunks)
    target.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    start = 0
    for piece in pieces:
        target[start : start + len(piece)] = piece
        start += len(piece)
