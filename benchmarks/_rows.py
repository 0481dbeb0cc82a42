"""Rows of results that outlive the process: what is there is not measured again."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _report import provenance

Row = dict[str, Any]


class Rows:
    """Rows in a JSON file, which is written anew after each of them, under a lock, with those that another process has added meanwhile.

    Parameters
    ----------
    path
        The file; it need not exist.
    """

    def __init__(self, path: Path):
        self.path = path
        self.rows = self._read()

    def run(self, key: Row, measure: Callable[[], Row]) -> None:
        """Measure and keep a row, unless there is one with this key."""
        if self._has(key):
            return
        print(", ".join(map(str, key.values())), "...", flush=True)
        row = {"key": key, **measure(), **provenance()}
        with self._locked():
            self.rows = self._read()
            if not self._has(key):  # another process may have measured it meanwhile
                self.rows.append(json.loads(json.dumps(row, default=lambda value: value.tolist())))
                partial = self.path.with_suffix(".partial")
                partial.write_text(json.dumps(self.rows, indent=1) + "\n")
                os.replace(partial, self.path)  # a process killed while it writes leaves the old rows

    def _has(self, key: Row) -> bool:
        return any(row["key"] == key for row in self.rows)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time; the lock is the folder's, since the file is replaced."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _read(self) -> list[Row]:
        """What the file has now: another process may have added to it."""
        return json.loads(self.path.read_text()) if self.path.is_file() else []
