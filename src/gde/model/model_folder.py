"""A model on disk."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from gde.model.read_document import hash_content, read_document

DOCUMENT = "model.json"
CURE = "Copy it again from where it came from, or save the model again."


class ModelFolder:
    """The files of a saved model: one JSON document, and data files that it names with their SHA-256.

    Data files get new names at each save, and the document is replaced last, in one step. So whatever stops a save (no space left, a
    crash, ``kill -9``), the folder holds the old model or the new one, and other files in the folder are left alone.

    Parameters
    ----------
    path
        The folder.
    prefix
        What the names of the files start with, so that a folder can hold several models.

    Examples
    --------
    >>> import tempfile
    >>> from gde.model.model_folder import ModelFolder
    >>> with tempfile.TemporaryDirectory() as path:
    ...     folder = ModelFolder(path)
    ...     folder.write({"format": 1}, {"weights.bin": lambda path: path.write_bytes(b"12")})
    ...     ModelFolder(path).read_bytes("weights.bin")
    b'12'
    """

    def __init__(self, path: str | os.PathLike[str], prefix: str | None = None):
        if not isinstance(path, str | os.PathLike):
            raise TypeError(f"`dir_path` must be a path of a folder, got {path!r}.")
        if not isinstance(prefix, str | None) or Path(prefix or "").name != (prefix or ""):
            raise TypeError(f"`prefix` must be a text that file names start with, without slashes, got {prefix!r}.")
        self.path = Path(path)
        self.prefix = prefix or ""
        if self.path.exists() and not self.path.is_dir():
            raise ValueError(f"`dir_path`: {path} is a file, and a model is a folder. Name another place.")

    @property
    def document_path(self) -> Path:
        """Where the document is."""
        return self.path / f"{self.prefix}{DOCUMENT}"

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document, checked; see :func:`read_document`."""
        return read_document(self.document_path)

    def has(self, role: str) -> bool:
        """Whether the model has a data file, e.g. ``"adata.h5ad"``."""
        return role in self.document["files"]

    def find(self, role: str) -> Path:
        """Path of a data file, whose content has been checked.

        Raises
        ------
        ValueError
            If it is not there or not as it was written.
        """
        entry = self.document["files"][role]
        if Path(entry["name"]).name != entry["name"]:
            raise ValueError(
                f"{self.document_path} names a file outside its folder, {entry['name']!r}: do not trust it."
            )
        path = self.path / entry["name"]
        if not path.is_file():
            raise ValueError(f"{path}, a part of the saved model, is missing. {CURE}")
        if (size := path.stat().st_size) != entry["n_bytes"]:
            raise ValueError(f"{path} is damaged: it has {size} bytes of {entry['n_bytes']}. {CURE}")
        if _sha256(path) != entry["sha256"]:
            raise ValueError(f"{path} is damaged: its content is not what was saved (SHA-256 differs). {CURE}")
        return path

    def read_bytes(self, role: str) -> bytes:
        """Content of a data file, checked."""
        return self.find(role).read_bytes()

    def write(self, content: dict[str, Any], writers: dict[str, Callable[[Path], object]]) -> None:
        """Replace the model by another.

        Parameters
        ----------
        content
            The document, to which the names and hashes of the data files are added. It must fit into JSON.
        writers
            For each data file a function that writes it to a path. An AnnData or MuData that is not written again is kept.
        """
        is_new = not self.path.exists()
        self.path.mkdir(parents=True, exist_ok=True)
        old = self._old_files()
        token = secrets.token_hex(4)
        paths = {role: self.path / f"{self.prefix}{token}-{role}" for role in writers}
        document = self.path / f"{self.prefix}{token}-{DOCUMENT}"
        try:
            for role, path in paths.items():
                writers[role](path)
                _flush(path)
            data = {"adata.h5ad", "mdata.h5mu"}
            kept = {role: entry for role, entry in old.items() if role in data and not data & set(writers)}
            content = content | {"files": kept | {role: _describe(path) for role, path in paths.items()}}
            document.write_text(json.dumps({"sha256": hash_content(content)} | content, indent=1), encoding="utf-8")
            _flush(document)
            os.replace(document, self.document_path)
        except BaseException:
            for path in (*paths.values(), document):
                path.unlink(missing_ok=True)
            if is_new:
                with suppress(OSError):  # it is not empty: others have put something there
                    self.path.rmdir()
            raise
        _flush(self.path)
        for entry in (entry for role, entry in old.items() if role not in kept):
            (self.path / Path(entry["name"]).name).unlink(missing_ok=True)

    def _old_files(self) -> dict[str, Any]:
        """Data files of the model that is there; none if it cannot be read."""
        try:
            return read_document(self.document_path)["files"]
        except (ValueError, FileNotFoundError):
            return {}


def _describe(path: Path) -> dict[str, Any]:
    return {"name": path.name, "n_bytes": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Have the disk keep what was written, so that a power cut does not undo it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
