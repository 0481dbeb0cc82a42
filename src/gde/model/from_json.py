"""JSON to values."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from gde import encoders, generators, observations
from gde.encoders import SetEncoder
from gde.generators import Generator
from gde.model.geometry_certificate import GeometryCertificate
from gde.nn import CovariateSizes
from gde.observations import SequenceFeaturiser
from gde.stats import DistanceAgreement, EmbeddingRange

# The only classes that a file can ask for by itself.
OWN_CLASSES: dict[str, type] = {
    f"gde.{folder.__name__.rpartition('.')[2]}.{name}": cls
    for folder, base in ((encoders, SetEncoder), (generators, Generator), (observations, SequenceFeaturiser))
    for name, cls in vars(folder).items()
    if isinstance(cls, type) and issubclass(cls, base)
} | {
    "gde.model.GeometryCertificate": GeometryCertificate,
    "gde.nn.CovariateSizes": CovariateSizes,
    "gde.stats.DistanceAgreement": DistanceAgreement,
    "gde.stats.EmbeddingRange": EmbeddingRange,
}


def from_json(value: Any, arrays: Mapping[str, np.ndarray], custom_objects: Mapping[str, type]) -> Any:
    """The value that :func:`to_json` wrote.

    Nothing is imported by a name that stands in the file, so a file makes nothing but data and instances of classes that gde or the caller lists.

    Parameters
    ----------
    value
        What was read from JSON.
    arrays
        The arrays that were set aside.
    custom_objects
        Classes from outside gde, by their path.

    Raises
    ------
    ValueError
        If a class is needed that is not listed, or a tag is unknown.

    Examples
    --------
    >>> from gde.model.from_json import from_json
    >>> from_json({"a": {"$tuple": [1, None]}}, {}, {})
    {'a': (1, None)}
    """

    def read(part: Any) -> Any:
        if isinstance(part, list):
            return [read(item) for item in part]
        if not isinstance(part, dict):
            return part
        tag = next((key for key in part if key.startswith("$")), None)
        if tag is None:
            return {key: read(item) for key, item in part.items()}
        if tag == "$array":
            return arrays[part[tag]]
        if tag == "$new":
            return find_class(part[tag], custom_objects)(**read(part["arguments"]))
        if tag not in READERS:
            raise ValueError(f"The files of this model hold a value of an unknown kind, {tag!r}.")
        return READERS[tag](**{key.removeprefix("$"): read(item) for key, item in part.items()})

    return read(value)


def find_class(path: str, custom_objects: Mapping[str, type]) -> type:
    """The class that a file names, if gde or the caller lists it."""
    if path in custom_objects:
        return custom_objects[path]
    if path in OWN_CLASSES:
        return OWN_CLASSES[path]
    name = path.rpartition(".")[2]
    raise ValueError(
        f"This model has a part of class {path}, which is not one of gde's. A file must not choose what is imported, so name it yourself: "
        f"`GDEModel.load(..., custom_objects={{{path!r}: {name}}})`."
    )


def _number(number: list[str]) -> Any:
    dtype, text = number
    if dtype == "float":
        return float(text)
    kind = np.dtype(dtype)
    parse: dict[str, Callable[[str], Any]] = {"b": lambda text: text == "True", "f": float, "c": complex, "U": str}
    return kind.type(parse.get(kind.kind, int)(text))


def _objects(objects: list[Any], shape: list[int]) -> np.ndarray:
    return np.fromiter(objects, dtype=object, count=len(objects)).reshape(shape)


def _categorical(categorical: list[int], categories: pd.Index, ordered: bool) -> pd.Categorical:
    return pd.Categorical.from_codes(categorical, categories=categories, ordered=ordered)


def _index(index: Any, dtype: str, name: Any) -> pd.Index:
    return pd.Index(index, dtype=None if dtype == "category" else dtype, name=name)


def _column(column: Any, dtype: str, name: Any) -> pd.Series:
    return pd.Series(column, dtype=None if dtype == "category" else dtype, name=name)


def _frame(frame: list[pd.Series], index: pd.Index, columns: pd.Index) -> pd.DataFrame:
    table = pd.DataFrame(dict(enumerate(frame)), index=pd.RangeIndex(len(index)))
    return table.set_axis(index, axis=0).set_axis(columns, axis=1)


READERS: dict[str, Callable[..., Any]] = {
    "$number": _number,
    "$objects": _objects,
    "$tuple": lambda tuple: (*tuple,),
    "$dict": lambda dict: {key: value for key, value in dict},
    "$categorical": _categorical,
    "$index": _index,
    "$column": _column,
    "$series": lambda series, name: series.iloc[:, 0].rename(name),
    "$frame": _frame,
}
