"""Distances of many rows in constant memory."""

from collections.abc import Iterator

_MAX_ENTRIES = 2**22  # 32 MB of float64


def row_blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    """Cut the rows of an ``n_rows`` x ``n_columns`` matrix into slices of at most 32 MB, at least one row each."""
    step = max(1, _MAX_ENTRIES // n_columns)
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))
