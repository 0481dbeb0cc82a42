import numpy as np

from gde.encoders import DeepSets
from gde.model.describe_arguments import describe_arguments


def test_plain_values_stay_and_objects_are_named():
    given = {
        "encoder": DeepSets(4, 2),
        "n": np.int64(3),
        "prior": np.array([1.0, 2.0]),
        "keys": ("a", "b"),
        "none": None,
        "inner": {"lr": 1e-3},
    }
    assert describe_arguments(given) == {
        "encoder": "DeepSets",
        "n": 3,
        "prior": [1.0, 2.0],
        "keys": ["a", "b"],
        "none": None,
        "inner": {"lr": 1e-3},
    }
