import numpy as np
import pytest

from gde.metrics import geodesic_deviation


@pytest.fixture
def ends():
    rng = np.random.default_rng(0)
    return rng.normal(0, 1, (600, 3)), rng.normal(0, 1, (400, 3)) + [6, 0, 0]


def test_the_geodesic_is_at_the_floor_and_the_mixture_is_not(ends):
    a, b = ends
    rng = np.random.default_rng(1)
    on_geodesic = rng.normal(0, 1, (500, 3)) + [1.5, 0, 0]
    result = geodesic_deviation(on_geodesic, a, b, 0.25)
    assert abs(result["deviation"]) < 0.03 and abs(result["floor"]) < 0.03
    assert result["mixture"] > 0.3

    mixture = np.concatenate([rng.normal(0, 1, (375, 3)), rng.normal(0, 1, (125, 3)) + [6, 0, 0]])
    result = geodesic_deviation(mixture, a, b, 0.25)
    assert abs(result["mixture"]) < 0.1
    assert result["deviation"] > 0.3


def test_both_ends_are_on_the_path(ends):
    a, b = ends
    for time, end in ((0.0, a), (1.0, b)):
        result = geodesic_deviation(end[::2], a, b, time)
        assert abs(result["deviation"]) < 0.03 and abs(result["mixture"]) < 0.03
        assert result["ends"] > 5


def test_the_seed_decides_and_the_number_of_units_is_bounded(ends):
    a, b = ends
    results = [geodesic_deviation(a, a, b, 0.5, max_units=50, seed=seed) for seed in (0, 0, 1)]
    assert results[0] == results[1] != results[2]


def test_too_few_units_and_other_spaces_are_refused():
    with pytest.raises(ValueError, match="b has 3 row"):
        geodesic_deviation(np.zeros((9, 2)), np.zeros((9, 2)), np.zeros((3, 2)), 0.5)
    with pytest.raises(ValueError, match="generated has 3 columns and a has 2"):
        geodesic_deviation(np.zeros((9, 3)), np.zeros((9, 2)), np.zeros((9, 2)), 0.5)
