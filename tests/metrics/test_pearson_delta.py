import numpy as np
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import pearson_delta


@given(st.integers(0, 2**32 - 1))
def test_agrees_with_scipy(seed):
    rng = np.random.default_rng(seed)
    predicted, real, control = rng.normal(size=(4, 7)), rng.normal(size=(4, 7)), rng.normal(size=7)
    expected = [scipy.stats.pearsonr(p - control, r - control)[0] for p, r in zip(predicted, real, strict=True)]
    np.testing.assert_allclose(pearson_delta(predicted, real, control), expected, atol=1e-12)


def test_the_size_of_an_effect_plays_no_part_and_no_effect_has_no_direction():
    real, control = np.array([[1.0, 5.0, 2.0]] * 4), np.ones(3)
    effect = real[0] - control
    predicted = control + np.stack([0.1 * effect, -effect, 0 * effect, np.full(3, 2.0)])
    np.testing.assert_allclose(pearson_delta(predicted, real, control), [1, -1, 0, 0], atol=1e-12)
