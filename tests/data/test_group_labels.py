import pandas as pd
import pytest

from gde.data import group_labels


def test_one_key_gives_its_column():
    obs = pd.DataFrame({"donor": [1, 2]})
    pd.testing.assert_series_equal(group_labels(obs, ["donor"]), obs["donor"])


def test_several_keys_are_joined_whatever_their_type():
    obs = pd.DataFrame({"donor": pd.Categorical(["a", "b"]), "day": [2, 6], "treated": [True, False]}, index=["u", "v"])
    labels = group_labels(obs, ["donor", "day", "treated"])
    assert labels.to_dict() == {"u": "a | 2 | True", "v": "b | 6 | False"}


def test_levels_that_contain_the_separator_are_fine_while_labels_stay_distinct():
    obs = pd.DataFrame({"donor": ["a | b", "c"], "day": ["1", "2"]})
    assert group_labels(obs, ["donor", "day"]).nunique() == 2


def test_a_collision_of_labels_is_refused_with_a_cure():
    obs = pd.DataFrame({"donor": ["a | b", "a"], "day": ["c", "b | c"]})
    with pytest.raises(ValueError, match=r"2 groups give only 1 labels.*replace"):
        group_labels(obs, ["donor", "day"])
