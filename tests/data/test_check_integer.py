import numpy as np
import pytest

from gde.data import check_integer


def test_whole_numbers_pass_and_come_back_as_int():
    assert check_integer("n_units", np.int64(3), 1) == 3 and type(check_integer("n_units", np.uint8(3))) is int
    assert check_integer("seed", 0) == 0


@pytest.mark.parametrize("value", [True, None, "3", [1], np.array([1])])
def test_what_is_no_number_is_a_type_error(value):
    with pytest.raises(TypeError, match="`n_units` must be a whole number, at least 1, got"):
        check_integer("n_units", value, 1)


@pytest.mark.parametrize("value", [0, -1, 2**63, 2.0, np.float32(1), np.nan, np.inf])
def test_a_number_that_makes_no_sense_is_a_value_error(value):
    with pytest.raises(ValueError, match="`n_units` must be .*at least 1"):
        check_integer("n_units", value, 1)
