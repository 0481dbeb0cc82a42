import numpy as np
import pandas as pd
import pytest

from gde.data import label_of_units


def _obs(labels, groups="aabbcc"):
    return pd.DataFrame({"donor": list(groups), "label": labels}, index=["cell"] * len(groups))


@pytest.mark.parametrize("dtype", [object, "category", "str"])
def test_text_and_categories_are_classes_in_alphabetical_order(dtype):
    obs = _obs(["well", "well", "ill", "ill", "?", "?"]).astype({"label": dtype})
    codes, classes = label_of_units(obs, ["donor"], "label", "?")
    np.testing.assert_array_equal(codes, [1, 1, 0, 0, np.nan, np.nan])
    assert classes.tolist() == ["ill", "well"]


def test_booleans_and_categories_of_numbers_are_classes():
    assert label_of_units(_obs([True] * 4 + [False] * 2), ["donor"], "label")[1].tolist() == ["False", "True"]
    obs = _obs([1, 1, 2, 2, 3, 3]).astype({"label": "category"})
    assert label_of_units(obs, ["donor"], "label", 3)[1].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    "labels", [[5.5, 5.5, 7, 7, np.nan, np.nan], [5.5, 5.5, 7, 7, "?", "?"], [5.5, 5.5, 7, 7, "?", None]]
)
def test_numbers_are_numbers_also_among_text_that_says_what_is_not_known(labels):
    values, classes = label_of_units(_obs(labels), ["donor"], "label", "?")
    np.testing.assert_array_equal(values, [5.5, 5.5, 7, 7, np.nan, np.nan])
    assert classes is None


def test_a_group_has_the_label_of_those_of_its_units_that_have_one():
    values, _ = label_of_units(_obs(["ill", None, None, "well", None, None]), ["donor"], "label")
    np.testing.assert_array_equal(values, [0, 0, 1, 1, np.nan, np.nan])


def test_a_group_with_two_labels_is_named():
    with pytest.raises(
        ValueError, match=r"group 'b' has several in `.obs\['label'\]`: 'ill', 'well' \(1 such groups\)"
    ):
        label_of_units(_obs(["ill", "ill", "ill", "well", None, None]), ["donor"], "label")
    obs = _obs([1.5, 1.5, 2.0, 3.0, 1.0, 1.0]).assign(day=1)
    with pytest.raises(ValueError, match=r"group 'b \| 1' has several.*: 2, 3"):
        label_of_units(obs, ["donor", "day"], "label")


def test_labels_that_cannot_be_are_refused():
    with pytest.raises(KeyError, match="Did you mean 'label'"):
        label_of_units(_obs([1] * 6), ["donor"], "lable")
    with pytest.raises(ValueError, match="infinite"):
        label_of_units(_obs([np.inf] * 6), ["donor"], "label")
    with pytest.raises(ValueError, match="names the groups too"):
        label_of_units(_obs([1] * 6), ["donor"], "donor")
    with pytest.raises(ValueError, match="groups that share no units"):
        label_of_units(_obs([1] * 6), [], "label")
    with pytest.raises(ValueError, match="'dead' is not a class of this model, which knows 'ill', 'well'"):
        label_of_units(_obs(["ill"] * 4 + ["dead"] * 2), ["donor"], "label", classes=["ill", "well"])
