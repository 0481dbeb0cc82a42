import numpy as np
import pytest

from gde.data import check_number


def test_numbers_pass_whatever_their_size():
    assert check_number("mixing", 1) == 1.0 and check_number("mixing", np.float32(0.5)) == 0.5
    assert np.isnan(check_number("mixing", np.nan))


@pytest.mark.parametrize("value", [True, None, "0.5", [0.5], 1j])
def test_others_are_named(value):
    with pytest.raises(TypeError, match="`mixing` must be a number such as 0.5, got"):
        check_number("mixing", value)
