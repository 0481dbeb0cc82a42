import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import _row_blocks, rank_score

seeds = st.integers(0, 2**32 - 1)


def _rows(seed, n, d=3):
    return np.random.default_rng(seed).normal(size=(2, n, d))


@given(seeds, st.integers(2, 15))
def test_is_its_definition(seed, n):
    predicted, reference = _rows(seed, n)
    ranks = []
    for i in range(n):
        distance = np.linalg.norm(reference - predicted[i], axis=1)
        ranks.append(sum(distance[j] < distance[i] for j in range(n) if j != i))
    assert rank_score(predicted, reference) == pytest.approx(1 - np.mean(ranks) / (n - 1))


def test_by_hand_with_a_tie():
    reference = np.array([[0.0], [2.0], [10.0]])
    # Row 0 lies between references 0 and 1: a half. Row 1 is nearer to reference 0: one. Row 2: none.
    predicted = np.array([[1.0], [0.5], [9.0]])
    assert rank_score(predicted, reference) == pytest.approx(1 - (0.5 + 1 + 0) / 3 / 2)


@given(seeds, st.integers(2, 10))
def test_one_for_itself_half_for_equal_rows_zero_for_the_furthest(seed, n):
    reference = _rows(seed, n)[0]
    assert rank_score(reference, reference) == 1
    assert rank_score(np.ones((n, 3)), np.ones((n, 3))) == 0.5
    swapped = np.array([[0.0], [1.0]])
    assert rank_score(swapped[::-1], swapped) == 0


@given(seeds, st.floats(-10, 10))
def test_invariant_to_motion_scale_and_the_order_of_groups(seed, shift):
    predicted, reference = _rows(seed, 8)
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    value = rank_score(predicted, reference)
    assert rank_score(3 * predicted @ rotation + shift, 3 * reference @ rotation + shift) == value
    order = np.random.default_rng(seed).permutation(8)
    assert rank_score(predicted[order], reference[order]) == pytest.approx(value)


def test_chance_is_half():
    values = [rank_score(*_rows(seed, 10)) for seed in range(300)]
    assert np.mean(values) == pytest.approx(0.5, abs=0.02)


def test_cutting_into_blocks_changes_nothing(monkeypatch):
    predicted, reference = _rows(4, 23)
    whole = rank_score(predicted, reference)
    monkeypatch.setattr(_row_blocks, "_MAX_ENTRIES", 70)
    assert rank_score(predicted, reference) == pytest.approx(whole)


def test_rows_must_be_the_same_groups():
    frame = pd.DataFrame({"0": [0.0, 1.0, 2.0]}, index=["D1", "D2", "D3"])
    assert rank_score(frame, frame) == 1
    with pytest.raises(ValueError, match="different groups"):
        rank_score(frame, frame.loc[["D2", "D1", "D3"]])
    assert rank_score(frame, frame.loc[["D2", "D1", "D3"]].to_numpy()) < 1
    with pytest.raises(ValueError, match="3 rows and reference has 2"):
        rank_score(frame.to_numpy(), frame.to_numpy()[:2])
    with pytest.raises(ValueError, match="at least 2"):
        rank_score(frame.to_numpy()[:1], frame.to_numpy()[:1])
