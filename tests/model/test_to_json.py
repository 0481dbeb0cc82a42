import json
import math
from collections import defaultdict, namedtuple
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from gde.encoders import DeepSets, Framed
from gde.model.from_json import from_json
from gde.model.to_json import to_json
from gde.nn import CovariateSizes


def _round_trip(value, custom_objects=None):
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps(to_json(value, arrays, "it"), allow_nan=False)
    return from_json(json.loads(text), arrays, custom_objects or {})


VALUES = {
    "plain": {"a": [None, True, 3, 0.1 + 0.2, "Zürich | π"], "b": {}},
    "huge and tiny": [2**80, 5e-324, -0.0],
    "tuples in lists": [(1, (2, "x")), []],
    "keys that are no strings": {1: "a", (2, "b"): "c", None: 0, 1.5: 1},
    "keys like tags": {"$array": "x", "$new": {"$dict": []}},
    "infinities": [math.inf, -math.inf],
    "covariates": CovariateSizes(n_categories=(2, 3), n_continuous=1),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_come_back_as_they_were(name):
    found = _round_trip(VALUES[name])
    assert found == VALUES[name] and repr(found) == repr(VALUES[name])


@pytest.mark.parametrize(
    "value",
    [
        np.float32(0.1),
        np.float64(1 / 3),
        np.int8(-3),
        np.uint64(2**64 - 1),
        np.bool_(False),
        np.str_("ä"),
        np.float32("inf"),
    ],
)
def test_numbers_of_numpy_keep_their_type_and_their_last_bit(value):
    found = _round_trip(value)
    assert type(found) is type(value) and found == value


def test_nan_comes_back():
    assert math.isnan(_round_trip(math.nan)) and np.isnan(_round_trip(np.float32("nan")))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i2").reshape(2, 3),
        np.array([np.nan, 1e-45], np.float32),
        np.array(3),
        np.zeros((0, 2)),
        np.array([True, False]),
        np.array(["a", "längst"]),
        np.array(["2024-01-01"], "datetime64[D]"),
        np.array([1 + 2j]),
        np.array([["a", None], [1, 2.5]], dtype=object),
        np.array([], dtype=object),
    ],
    ids=lambda array: f"{array.dtype}-{array.shape}",
)
def test_arrays_keep_type_shape_and_bits(array):
    found = _round_trip(array)
    assert found.dtype == array.dtype and found.shape == array.shape
    np.testing.assert_array_equal(found, array)


def test_a_defaultdict_becomes_a_dict():
    assert _round_trip(defaultdict(dict, a={"b": 1})) == {"a": {"b": 1}}


def test_tables_keep_index_columns_and_types():
    table = pd.DataFrame(
        {
            "x": [1.5, np.nan],
            "n": np.array([1, 2], np.uint8),
            "s": ["a", "b"],
            "c": pd.Categorical(["v", "u"], categories=["v", "u", "unused"], ordered=True),
        },
        index=pd.Index(["D1", "D2"], name="donor"),
    )
    pd.testing.assert_frame_equal(_round_trip(table), table, check_exact=True)
    history = pd.DataFrame({"train_loss": [1.0, 2.0]}, index=pd.RangeIndex(2, name="epoch"))
    pd.testing.assert_frame_equal(_round_trip(history), history)
    pd.testing.assert_series_equal(_round_trip(table["c"]), table["c"])
    pd.testing.assert_frame_equal(_round_trip(table.iloc[:0]), table.iloc[:0])


def test_encoders_are_made_again_from_class_and_arguments():
    found = _round_trip(Framed(DeepSets(4, 2, n_hidden=5, noise_sd=0.25)))
    assert isinstance(found, Framed) and isinstance(found.encoder, DeepSets)
    assert found.encoder.arguments == {"n_features": 4, "n_latent": 2, "n_hidden": 5, "noise_sd": 0.25}
    assert to_json(DeepSets(4, 2), {}, "it")["$new"] == "gde.encoders.DeepSets"


@dataclass
class Setting:
    width: int


def test_a_class_from_elsewhere_is_made_only_if_the_caller_names_it():
    path = to_json(Setting(3), {}, "it")["$new"]
    assert path.endswith("test_to_json.Setting")
    with pytest.raises(ValueError, match=r"not one of gde's.*custom_objects=\{'.*Setting': Setting\}"):
        _round_trip(Setting(3))
    assert _round_trip(Setting(3), {path: Setting}) == Setting(3)


@pytest.mark.parametrize(
    "path", ["os.system", "builtins.eval", "gde.cli.main", "gde.model.GDEModel", "gde.encoders.embed_chunks"]
)
def test_a_file_cannot_choose_what_is_called(path):
    with pytest.raises(ValueError, match="not one of gde's"):
        from_json({"$new": path, "arguments": {}}, {}, {})


def test_an_unknown_kind_of_value_is_refused():
    with pytest.raises(ValueError, match=r"unknown kind, '\$pickle'"):
        from_json({"$pickle": "gASV"}, {}, {})


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (lambda: 0, "function"),
        ({"a": [object()]}, r"it\.a\.0.*object"),
        (np.zeros(2, [("a", int)]), "array of type"),
        (np.datetime64("2024-01-01"), "number of type"),
        (pd.DataFrame(index=pd.MultiIndex.from_tuples([(1, 2)])), "MultiIndex"),
        (Point(1, 2), "Point"),
        (Setting, "type"),
    ],
    ids=["function", "object", "structured", "date", "MultiIndex", "named tuple", "class"],
)
def test_what_files_cannot_hold_is_refused_by_name(value, kind):
    with pytest.raises(TypeError, match=kind):
        to_json(value, {}, "it")
