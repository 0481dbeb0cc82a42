"""Rows of a matrix on disk in another order, with little memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from scvi.utils import track


def sorted_rows(matrix: Any, order: np.ndarray, n_rows: int, folder: Path) -> Iterator[Any]:
    """Go through the rows ``order`` of a matrix, ``n_rows`` at a time.

    The matrix is read once from start to end; its rows are dealt out to files, one for each ``n_rows`` rows of the new order, and each file is
    then put in order by itself. So the disk is never asked for single rows, and memory holds two pieces.

    Parameters
    ----------
    matrix
        Dense or CSR, on disk.
    order
        The row that comes first, second, …
    n_rows
        Rows of a piece.
    folder
        Where the files go.
    """
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    n_pieces = -(-len(order) // n_rows)
    for start in track(range(0, len(order), n_rows), "Reading...", disable=n_pieces == 1):
        part = matrix[start : start + n_rows]
        places = place[start : start + n_rows]
        for piece in np.unique(places // n_rows):
            is_mine = places // n_rows == piece
            _append(folder, int(piece), part[is_mine], places[is_mine])
    for piece in track(range(n_pieces), "Writing...", disable=n_pieces == 1):
        yield _collect(folder, piece)


def _append(folder: Path, piece: int, rows: Any, places: np.ndarray) -> None:
    number = len(list(folder.glob(f"{piece}-*-places.npy")))
    np.save(folder / f"{piece}-{number}-places.npy", places)
    if sp.issparse(rows):
        sp.save_npz(folder / f"{piece}-{number}-rows.npz", sp.csr_matrix(rows), compressed=False)
    else:
        np.save(folder / f"{piece}-{number}-rows.npy", rows)


def _collect(folder: Path, piece: int) -> Any:
    """The rows of a piece in order; its files are deleted."""
    places, parts = [], []
    for number in range(len(list(folder.glob(f"{piece}-*-places.npy")))):
        (path,) = folder.glob(f"{piece}-{number}-rows.*")
        places.append(np.load(folder / f"{piece}-{number}-places.npy"))
        parts.append(sp.load_npz(path) if path.suffix == ".npz" else np.load(path))
        path.unlink()
    for path in folder.glob(f"{piece}-*-places.npy"):
        path.unlink()
    rows = sp.vstack(parts, format="csr") if sp.issparse(parts[0]) else np.concatenate(parts)
    return rows[np.argsort(np.concatenate(places))]
