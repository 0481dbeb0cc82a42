import pandas as pd
import pytest

from gde.data import check_labels


def _obs(labels):
    return pd.DataFrame({"donor": list("abc"), "label": labels})


def test_two_labels_are_needed():
    with pytest.raises(ValueError, match=r"has 1 label\(s\) beside missing values and '\?'"):
        check_labels(_obs(["ill", "ill", "?"]), ["donor"], "label", "?")


def test_a_covariate_is_no_label():
    with pytest.raises(ValueError, match="covariate too"):
        check_labels(_obs(["ill", "well", "?"]), ["donor"], "label", "?", ["label"])


def test_two_numbers_may_be_classes():
    with pytest.warns(UserWarning, match=r"two distinct numbers.*`.astype\(str\)`"):
        check_labels(_obs([0, 1, 1]), ["donor"], "label", None)
