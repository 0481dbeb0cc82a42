"""The document of a saved model."""

import hashlib
import json
from pathlib import Path
from typing import Any

FORMAT = 1  # of files that this version writes; it reads this and all earlier ones


def read_document(path: Path) -> dict[str, Any]:
    """Read ``model.json`` and check that it is whole and of a format that this version knows.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    FileNotFoundError
        If there is no model, or one that scvi-tools wrote as a pickle.
    ValueError
        If the file is damaged or of a newer format.
    """
    if not path.is_file():
        raise FileNotFoundError(_explain_missing(path))
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document.pop("sha256") != hash_content(document):
            raise ValueError("SHA-256 differs")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        cure = "Copy it again from where it came from, or save the model again."
        raise ValueError(f"{path} is damaged: it is not what was saved ({error}). {cure}") from error
    if document["format"] > FORMAT:
        raise ValueError(
            f"{path} has format {document['format']}, written by gde {document['versions']['gde-tools']}, and this version reads formats up to "
            f"{FORMAT}. Upgrade: `pip install -U gde-tools`."
        )
    return document


def hash_content(content: dict[str, Any]) -> str:
    """SHA-256 of a document, however it is laid out; the same for all formats."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _explain_missing(path: Path) -> str:
    pickled = path.with_suffix(".pt")
    if pickled.is_file():
        return (
            f"There is no {path.name} in {path.parent}, but {pickled.name}: a pickle, which can run any code and is not read. If you trust it, "
            "load it with the version that wrote it, and train or save it again with this one."
        )
    return f"There is no saved model in {path.parent}: {path.name} is not there. Name the folder that `GDEModel.save` wrote."
