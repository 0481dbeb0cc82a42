"""Values to JSON."""

import dataclasses
import math
from typing import Any

import numpy as np
import pandas as pd

from gde.nn import Recorded


def to_json(value: Any, arrays: dict[str, np.ndarray], where: str) -> Any:
    """What JSON can hold of a value, with arrays of numbers set aside; :func:`from_json` is the way back.

    What JSON does not know is an object with one key that starts with ``$``: ``$array``, ``$objects``, ``$number``, ``$tuple``, ``$dict``, ``$index``,
    ``$column``, ``$categorical``, ``$series``, ``$frame``, or ``$new``, a class and the arguments to make an instance of it.

    Parameters
    ----------
    value
        Data: numbers, strings, None, lists, tuples, dicts, arrays, DataFrames, dataclasses, encoders and generators, within each other.
    arrays
        Arrays of numbers are added here.
    where
        Name of the value, for errors.

    Raises
    ------
    TypeError
        If a value is none of these.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.model.to_json import to_json
    >>> arrays = {}
    >>> to_json({"a": (1, None), "b": np.arange(3)}, arrays, "it")
    {'a': {'$tuple': [1, None]}, 'b': {'$array': 'it.b'}}
    >>> arrays["it.b"]
    array([0, 1, 2])
    """
    if value is None or type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value)):
        return value
    if isinstance(value, float | np.generic):
        return _number(value, where)
    if isinstance(value, np.ndarray):
        return _array(value, arrays, where)
    if type(value) in (list, tuple):  # a named tuple would come back without its names
        items = [to_json(item, arrays, f"{where}.{i}") for i, item in enumerate(value)]
        return items if type(value) is list else {"$tuple": items}
    if isinstance(value, dict):
        return _dict(value, arrays, where)
    if isinstance(value, pd.Index | pd.Series | pd.DataFrame):
        return _pandas(value, arrays, where)
    if isinstance(value, Recorded) or (dataclasses.is_dataclass(value) and not isinstance(value, type)):
        return _instance(value, arrays, where)
    raise TypeError(
        f"`{where}` is a {type(value).__module__}.{type(value).__qualname__}, which a model's files cannot hold. They hold numbers, strings, None, "
        "lists, tuples, dicts, NumPy arrays, DataFrames and dataclasses: convert it."
    )


def _number(value: float | np.generic, where: str) -> Any:
    """A number with its type; NumPy's own, and those that JSON has no word for, as text that reads back to the last bit."""
    dtype = np.dtype(type(value))
    if dtype.kind not in "biufcU" or (dtype.kind in "fc" and dtype.itemsize > 8 * (1 + (dtype.kind == "c"))):
        raise TypeError(f"`{where}` is a number of type {dtype}, which a model's files cannot hold: convert it.")
    item = value.item() if isinstance(value, np.generic) else value
    return {"$number": [dtype.str if isinstance(value, np.generic) else "float", str(item)]}


def _array(value: np.ndarray, arrays: dict[str, np.ndarray], where: str) -> Any:
    if value.dtype.kind in "OT":  # of strings, as a rule
        items = [to_json(item, arrays, f"{where}.{i}") for i, item in enumerate(value.ravel().tolist())]
        return {"$objects": items, "shape": list(value.shape)}
    if value.dtype.hasobject or value.dtype.names:
        raise TypeError(f"`{where}` is an array of type {value.dtype}, which a model's files cannot hold: convert it.")
    arrays[where] = np.asarray(value)
    return {"$array": where}


def _dict(value: dict[Any, Any], arrays: dict[str, np.ndarray], where: str) -> Any:
    if all(type(key) is str and not key.startswith("$") for key in value):
        return {key: to_json(item, arrays, f"{where}.{key}") for key, item in value.items()}
    pairs = enumerate(value.items())
    return {"$dict": [[to_json(part, arrays, f"{where}.{i}.{j}") for j, part in enumerate(pair)] for i, pair in pairs]}


def _pandas(value: pd.Index | pd.Series | pd.DataFrame, arrays: dict[str, np.ndarray], where: str) -> Any:
    """A table is its columns and two indices, and a Series a table of one column."""
    if isinstance(value, pd.Index):
        return _column(value, arrays, where, "$index")
    if isinstance(value, pd.Series):
        return {
            "$series": _pandas(value.to_frame(), arrays, where),
            "name": to_json(value.name, arrays, f"{where}.name"),
        }
    columns = [_column(value.iloc[:, i], arrays, f"{where}.{i}", "$column") for i in range(value.shape[1])]
    axes = {name: _column(getattr(value, name), arrays, f"{where}.{name}", "$index") for name in ("index", "columns")}
    return {"$frame": columns, **axes}


def _column(value: pd.Index | pd.Series, arrays: dict[str, np.ndarray], where: str, tag: str) -> Any:
    """Text as objects, numbers as arrays, categories with their codes."""
    if isinstance(value, pd.MultiIndex):
        raise TypeError(f"`{where}` is a MultiIndex, which a model's files cannot hold: join its levels.")
    if isinstance(value.array, pd.Categorical):
        categories = _column(value.array.categories, arrays, f"{where}.categories", "$index")
        data: Any = {
            "$categorical": value.array.codes.tolist(),
            "categories": categories,
            "ordered": value.array.ordered,
        }
    else:
        data = _array(value.to_numpy(), arrays, f"{where}.values")
    return {tag: data, "dtype": str(value.dtype), "name": to_json(value.name, arrays, f"{where}.name")}


def _instance(value: Any, arrays: dict[str, np.ndarray], where: str) -> Any:
    if isinstance(value, Recorded):
        arguments = value.arguments
    else:
        arguments = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init}
    return {"$new": class_path(type(value)), "arguments": _dict(arguments, arrays, where)}


def class_path(cls: type) -> str:
    """Where a class is; for one of gde's, where users find it: ``gde.encoders.DeepSets``."""
    package, _, rest = cls.__module__.partition(".")
    return (
        f"gde.{rest.partition('.')[0]}.{cls.__qualname__}"
        if package == "gde"
        else f"{cls.__module__}.{cls.__qualname__}"
    )
