import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import replicate_robustness


@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_is_its_definition_and_symmetric(seed, n):
    a, b = np.random.default_rng(seed).normal(size=(2, n, 2))
    distance = np.linalg.norm(a[:, None] - b[None], axis=-1)
    nearer = [(distance[i] < distance[i, i]).sum() for i in range(n)]
    nearer += [(distance[:, i] < distance[i, i]).sum() for i in range(n)]
    assert replicate_robustness(a, b) == pytest.approx(1 - np.mean(nearer) / (n - 1))
    assert replicate_robustness(b, a) == pytest.approx(replicate_robustness(a, b))


def test_both_directions_count():
    a = np.array([[0.0], [10.0]])
    b = np.array([[4.0], [1.0]])
    # a0 is nearer to b1, b1 is nearer to a0; a1 is nearer to b0 and b0 to a0, its own.
    assert replicate_robustness(a, b) == pytest.approx(1 - 3 / 4)


def test_parts_on_the_same_side_are_no_candidates():
    # The two a lie at one point, far nearer to each other than to b; b tells the groups apart by a hair.
    a = np.array([[0.0, 0.1], [0.0, -0.1]])
    b = np.array([[50.0, 0.1], [50.0, -0.1]])
    assert replicate_robustness(a, b) == 1


def test_more_noise_is_less_robust():
    rng = np.random.default_rng(0)
    centre, noise = rng.normal(size=(40, 3)), rng.normal(size=(2, 40, 3))
    scores = [replicate_robustness(centre + s * noise[0], centre + s * noise[1]) for s in (0, 0.3, 1, 100)]
    assert scores[0] == 1 and scores == sorted(scores, reverse=True)
    assert scores[-1] == pytest.approx(0.5, abs=0.1)
