import re

import numpy as np
import pytest

from gde.data import check_keys


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("group_key", "donor"),
        ("group_key", ["donor", "day"]),
        ("group_key", None),
        ("layer", "counts"),
        ("batch_key", None),
        ("categorical_covariate_keys", ("sex",)),
        ("continuous_covariate_keys", None),
    ],
)
def test_names_lists_of_them_and_nothing_pass_where_a_number_does_not(argument, value):
    assert check_keys({argument: value}) is None
    with pytest.raises(TypeError, match=f"`{argument}` must be"):
        check_keys({argument: 3})


def test_arguments_that_name_nothing_are_not_looked_at():
    assert check_keys({"bandwidth": 3}) is None


@pytest.mark.parametrize(
    ("argument", "value", "cure"),
    [
        ("group_key", 3, "the name of a column of `.obs`, or a list"),
        ("group_key", ["donor", None], "or a list of names"),
        ("group_key", {"donor"}, "or a list of names"),
        ("group_key", np.array(["donor", "day"]), "or a list of names"),
        ("batch_key", ["lane"], "a name"),
        ("layer", True, "a name"),
        ("labels_key", b"phenotype", "a name"),
        ("categorical_covariate_keys", "sex", "`categorical_covariate_keys=['sex']`"),
        ("categorical_covariate_keys", [None], "a list of names"),
        ("continuous_covariate_keys", 3, "a list of names"),
    ],
)
def test_what_is_no_text_is_refused_by_argument_and_value(argument, value, cure):
    with pytest.raises(TypeError) as error:
        check_keys({"group_key": "donor"} | {argument: value})
    message = str(error.value)
    assert message.startswith(f"`{argument}` must be") and cure in message
    assert repr(value) in message
    assert re.search("text|list", message)
