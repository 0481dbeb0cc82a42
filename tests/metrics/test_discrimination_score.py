import numpy as np
import pytest
import scipy.spatial.distance
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import discrimination_score, rank_score

DISTANCES = ["cosine", "cityblock", "euclidean"]


def _task(seed, n=8, genes=5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, genes)), rng.normal(size=(n, genes)), rng.normal(size=genes)


@pytest.mark.parametrize("distance", DISTANCES)
@given(st.integers(0, 2**32 - 1))
def test_is_its_definition(distance, seed):
    predicted, real, control = _task(seed)
    between = getattr(scipy.spatial.distance, distance)
    scores = discrimination_score(predicted, real, control, distance=distance)
    for p, score in enumerate(scores):
        d = [between(predicted[p] - control, real[q] - control) for q in range(8)]
        assert score == pytest.approx(1 - sum(other < d[p] for other in d) / 7)


def test_with_euclidean_distances_the_mean_is_the_rank_score():
    predicted, real, control = _task(0)
    scores = discrimination_score(predicted, real, control, distance="euclidean")
    assert scores.mean() == pytest.approx(rank_score(predicted, real))


@pytest.mark.parametrize("distance", DISTANCES)
def test_one_prediction_for_all_is_chance(distance):
    predicted, real, control = _task(1)
    same = np.broadcast_to(predicted[0], predicted.shape)
    assert discrimination_score(same, real, control, distance=distance).mean() == pytest.approx(0.5)
    assert (discrimination_score(real, real, control, distance=distance) == 1).all()


def test_no_effect_ties_with_all_by_cosine():
    _, real, control = _task(2)
    none = np.broadcast_to(control, real.shape)
    assert (discrimination_score(none, real, control) == 0.5).all()


def test_cosine_sees_no_size():
    predicted, real, control = _task(3)
    scaled = control + 10 * (predicted - control)
    assert discrimination_score(scaled, real, control).equals(discrimination_score(predicted, real, control))
    first, second = (discrimination_score(x, real, control, distance="cityblock") for x in (scaled, predicted))
    assert not first.equals(second)


def test_other_distances_are_refused():
    with pytest.raises(ValueError, match="'chebyshev': expected one of 'euclidean', 'cityblock', 'cosine'"):
        discrimination_score(*_task(0), distance="chebyshev")
