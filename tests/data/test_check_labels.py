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
    with pytest.raises(ValueError, match="covariate too"):
        check_labels(_obs([1, 2, 3]), ["donor"], "label", None, [], ["label"])


def test_two_numbers_may_be_classes():
    with pytest.warns(UserWarning, match=r"two distinct numbers.*`.astype\(str\)`"):
        check_labels(_obs([0, 1, 1]), ["donor"], "label", None)


def test_a_category_of_unknown_labels_that_does_not_occur_is_warned_of():
    with pytest.warns(UserWarning, match="'Unknown' does not occur .*Did you mean 'unknown'"):
        check_labels(_obs(["ill", "well", "unknown"]), ["donor"], "label", "Unknown")


@pytest.mark.parametrize("unknown", ["?", "ill"], ids=["of another batch", "of a batch with two labels"])
def test_batches_with_one_label_each_are_warned_of(unknown, recwarn):
    labels = ["ill", "well", "well", unknown]
    obs = pd.DataFrame({"donor": list("abcd"), "label": labels, "lane": ["1", "2", "2", "2"]})
    check_labels(obs, ["donor"], "label", "?" if unknown == "?" else None, ["lane"])
    assert [str(warning.message)[:33] for warning in recwarn] == ["'lane' and 'label' are confounded"] * (
        unknown == "?"
    )


def test_numbers_are_not_confounded(recwarn):
    obs = pd.DataFrame({"donor": list("abc"), "label": [1.0, 2.0, 3.0], "lane": list("xyz")})
    check_labels(obs, ["donor"], "label", None, ["lane"])
    assert not recwarn.list
