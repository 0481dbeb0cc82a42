import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import mean_shift_r2


def test_one_for_the_truth_zero_for_no_effect_negative_for_the_wrong_way():
    real, control = np.array([[3.0, 1.0]]).repeat(4, 0), np.ones(2)
    effect = real - control
    predicted = control + effect * np.array([1, 0, -1, 0.5])[:, None]
    np.testing.assert_allclose(mean_shift_r2(predicted, real, control), [1, 0, -3, 0.75])


@given(st.integers(0, 2**32 - 1))
def test_is_its_definition(seed):
    rng = np.random.default_rng(seed)
    predicted, real, control = rng.normal(size=(3, 6)), rng.normal(size=(3, 6)), rng.normal(size=6)
    for value, p, r in zip(mean_shift_r2(predicted, real, control), predicted, real, strict=True):
        assert value == pytest.approx(1 - sum((p - r) ** 2) / sum((r - control) ** 2))


def test_without_an_effect_there_is_no_share():
    assert np.isnan(mean_shift_r2([[1.0, 2.0]], [[1.0, 1.0]], [1.0, 1.0])).all()
