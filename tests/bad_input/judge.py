"""What must hold of every call, whatever it is given."""

import copy
import re
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    obsm = {key: value for key, value in frozen["obsm"].items() if not key.startswith("_scvi_")}
    return frozen | {"obs": obs.loc[:, kept], "uns": uns, "obsm": obsm}


def judge(call: Callable[[], Any], adata: ad.AnnData | None = None, *, may_register: bool = False) -> Any:
    """Make the call; it gives a result, or a clear error (then None), and leaves the AnnData as it was."""
    before = None if adata is None else freeze(adata)
    result, failed = None, False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = call()
        except Exception as error:  # noqa: BLE001  which ones are right is what is judged
            check_error(error)
            failed = True
        if adata is not None:
            after = freeze(adata)
            if may_register and not failed:
                before, after = without_ours(before), without_ours(after)
            changed = [name for name in before if not same(after[name], before[name])]
            assert not changed, f"{', '.join(changed)} of the AnnData changed"
    return result


def check_error(error: Exception) -> None:
    """An error is one of the documented types, raised by gde itself, and names the argument or the place, and more than that."""
    text = str(error.args[0]) if error.args else ""
    where = traceback.extract_tb(error.__traceback__)[-1]
    shown = f"{type(error).__name__}: {text} ({where.filename}:{where.lineno})"
    assert type(error) in DOCUMENTED, f"not a documented type: {shown}"
    if re.search(
        r"set up your AnnData|Did you make a copy|adata or registry must be provided", text
    ):  # scvi-tools' own, and clear
        return
    assert where.filename.startswith(HOUSE), f"not an error of ours: {shown}"
    assert re.search(r"`[^`]+`", text), f"names no argument: {shown}"
    assert len(text.split()) > 5, f"says too little: {shown}"
