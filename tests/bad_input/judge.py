"""What must hold of every call, whatever it is given."""

import copy
import re
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

import gde

DOCUMENTED = (ValueError, KeyError, TypeError, FileExistsError, FileNotFoundError)
HOUSE = str(Path(gde.__file__).parent)


def freeze(value: Any) -> Any:
    """A deep copy of a value that :func:`same` can be asked about, with type and dtype."""
    if isinstance(value, ad.AnnData):
        parts = {name: freeze(getattr(value, name)) for name in ("X", "obs", "var")}
        maps = {name: freeze(dict(getattr(value, name))) for name in ("layers", "obsm", "varm", "obsp", "uns")}
        raw = None if value.raw is None else freeze(value.raw.X)
        return parts | maps | {"is_view": value.is_view, "isbacked": value.isbacked, "raw": raw}
    if isinstance(value, dict):
        return {key: freeze(part) for key, part in value.items()}
    if sp.issparse(value):
        return (type(value), value.shape, *(freeze(part) for part in (value.data, value.indices, value.indptr)))
    if isinstance(value, np.ndarray | pd.DataFrame | pd.Series):
        return value.copy()
    if hasattr(value, "dask"):
        return (type(value), value.chunks, freeze(value.compute()))
    if hasattr(value, "file") or hasattr(value, "to_memory"):  # on disk
        return (type(value), freeze(value[:]))
    return copy.deepcopy(value)


def same(now: Any, then: Any) -> bool:
    """Whether two frozen values are equal, types and dtypes included."""
    if type(now) is not type(then):
        return False
    if isinstance(now, dict):
        return list(now) == list(then) and all(same(now[key], then[key]) for key in now)
    if isinstance(now, tuple):
        return len(now) == len(then) and all(map(same, now, then))
    if isinstance(now, pd.DataFrame | pd.Series):
        return bool(now.equals(then)) and _kinds(now) == _kinds(then)
    if isinstance(now, np.ndarray):
        return now.dtype == then.dtype and now.shape == then.shape and now.tobytes() == then.tobytes()
    return bool(now == then) or now is then or (now != now and then != then)


def _kinds(frame: pd.DataFrame | pd.Series) -> list[str]:
    columns = [frame[column] for column in frame] if isinstance(frame, pd.DataFrame) and frame.columns.is_unique else []
    return [f"{column.dtype!r}" for column in columns] + [str(frame.index.dtype)]


def without_ours(frozen: dict[str, Any]) -> dict[str, Any]:
    """A frozen AnnData without what ``setup_anndata`` says that it adds."""
    obs = frozen["obs"]
    kept = [not re.match(r"_scvi_|_gde_", str(column)) for column in obs.columns]
    uns = {key: value for key, value in frozen["uns"].items() if not key.startswith("_scvi_")}
    obsm = {
        key: value for key, value in frozen["obsm"].items() if not key.startswith("_scvi_") and key != "_gde_tokens"
    }
    return frozen | {"obs": obs.loc[:, kept], "uns": uns, "obsm": obsm}


class Outcome(NamedTuple):
    """What became of a call: its result (None if it was refused), and what is wrong with how it went."""

    result: Any
    faults: list[str]


def judge(call: Callable[[], Any], adata: ad.AnnData | None = None, *, may_register: bool = False) -> Any:
    """Make the call; it gives a result, or a clear error (then None), and leaves the AnnData as it was."""
    result, faults = try_out(call, adata, may_register=may_register)
    assert not faults, "; ".join(faults)
    return result


def try_out(call: Callable[[], Any], adata: ad.AnnData | None = None, *, may_register: bool = False) -> Outcome:
    """Make the call, and say what is wrong with its error, if it raises one, and whether it changed the AnnData."""
    before = None if adata is None else freeze(adata)
    result, faults, failed = None, [], False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = call()
        except Exception as error:  # noqa: BLE001  which ones are right is what is judged
            faults += faults_of(error)
            failed = True
        if adata is not None:
            after = freeze(adata)
            if may_register and not failed:
                before, after = without_ours(before), without_ours(after)
            faults += [f"{name} of the AnnData changed" for name in before if not same(after[name], before[name])]
    return Outcome(result, faults)


def faults_of(error: Exception) -> list[str]:
    """An error is one of the documented types, raised by gde itself, and names the argument or the place, and more than that."""
    text = str(error.args[0]) if error.args else ""
    where = traceback.extract_tb(error.__traceback__)[-1]
    shown = f"{type(error).__name__}: {text} ({where.filename}:{where.lineno})"
    if type(error) not in DOCUMENTED:
        return [f"not a documented type: {shown}"]
    if re.search(r"set up your AnnData|Did you make a copy|adata or registry must be provided", text):
        return []  # scvi-tools' own, and clear
    wrong = {
        "not an error of ours": not where.filename.startswith(HOUSE),
        "names no argument": not re.search(r"`[^`]+`", text),
        "says too little": len(text.split()) <= 5,
    }
    return [f"{what}: {shown}" for what, is_so in wrong.items() if is_so]
