import numpy as np
import pytest

from gde.metrics import displacement


def test_a_shift_is_transported_straight_whatever_the_order():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(50, 3))
    shifted = rng.permutation(a + [5, 0, 1])
    for time in (0.0, 0.3, 1.0):
        np.testing.assert_allclose(displacement(a, shifted, time), a + time * np.array([5, 0, 1]), atol=1e-12)


def test_gaussians_meet_in_the_gaussian_between_them():
    """The geodesic of normal distributions is normal, with standard deviations in between: a mixture would be wider."""
    rng = np.random.default_rng(1)
    middle = displacement(rng.normal(0, 1, (800, 1)), rng.normal(10, 3, (800, 1)), 0.5)
    assert middle.mean() == pytest.approx(5, abs=0.2)
    assert middle.std() == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize(("n", "time", "words"), [(4, 0.5, "equal numbers"), (5, 1.5, "from 0"), (5, np.nan, "from 0")])
def test_other_sizes_and_times_are_refused(n, time, words):
    with pytest.raises(ValueError, match=words):
        displacement(np.zeros((5, 2)), np.zeros((n, 2)), time)
