import numpy as np
import pytest
from scipy.stats import ttest_ind

from gde.stats import required_groups


@pytest.mark.parametrize(("d", "n"), [(0.2, 394), (0.5, 64), (0.8, 26)])
def test_cohens_table(d, n):
    # Cohen 1988, table 2.4.1, two-sided 5 %, power 0.80: 393, 64 and 26, the first from an approximation of the noncentral t.
    assert required_groups(d, 1.0) == n


@pytest.mark.parametrize(("effect", "variance", "power"), [(1.0, 0.3, 0.8), (-2.0, 3.0, 0.9)])
def test_power_in_simulation(effect, variance, power):
    n = required_groups(effect, variance, power=power)
    rng = np.random.default_rng(0)

    def simulated(n):
        a, b = rng.normal(0, np.sqrt(variance), (8000, n)), rng.normal(effect, np.sqrt(variance), (8000, n))
        return (ttest_ind(a, b, axis=1).pvalue < 0.05).mean()

    assert simulated(n) > power - 0.015 and simulated(n - 1) < power + 0.015


@pytest.mark.parametrize(("d", "n"), [(1.8, 6), (2.0, 6), (3.0, 4)])
def test_few_groups_have_few_degrees_of_freedom(d, n):
    # One degree of freedom more would ask for 5 groups at d = 2 and 3 at d = 3, one less for 7 at d = 1.8.
    assert required_groups(d, 1.0) == n


def test_extremes():
    assert required_groups(100.0, 1e-6) == 2
    assert required_groups(1.0, 0.0) == 2
    assert required_groups(0.01, 1.0) == pytest.approx(2 * (1.959964 + 0.841621) ** 2 / 0.01**2, rel=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"effect": 0.0, "variance": 1.0}, "without a difference"),
        ({"effect": 1.0, "variance": -1.0}, "at least 0"),
        ({"effect": 1.0, "variance": 1.0, "power": 0.01}, "between `alpha`"),
        ({"effect": 1.0, "variance": 1.0, "power": 1.0}, "between `alpha`"),
    ],
)
def test_bad_input_names_the_cure(arguments, message):
    with pytest.raises(ValueError, match=message):
        required_groups(**arguments)
