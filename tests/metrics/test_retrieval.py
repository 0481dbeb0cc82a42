import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import label_ranking_average_precision_score, pairwise_distances, top_k_accuracy_score

from gde.metrics import retrieval


@pytest.mark.parametrize("distance", ["euclidean", "cosine", "cityblock"])
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_scikit_learn(distance, seed):
    early, late = np.random.default_rng(seed).normal(size=(2, 15, 4))
    score = -pairwise_distances(early, late, metric=distance)
    found = retrieval(early, late, k=[1, 3], distance=distance)
    assert found["mrr"] == pytest.approx(label_ranking_average_precision_score(np.eye(15), score))
    for k in (1, 3):
        assert found[f"recall@{k}"] == pytest.approx(top_k_accuracy_score(np.arange(15), score, k=k))


def test_chance_is_what_strangers_reach():
    rng = np.random.default_rng(0)
    found = pd.DataFrame([retrieval(*rng.normal(size=(2, 20, 5)), k=[4]) for _ in range(200)]).mean()
    assert found["mrr"] == pytest.approx(found["mrr_chance"], abs=0.02)
    assert found["recall@4"] == pytest.approx(found["recall@4_chance"], abs=0.02) and found["recall@4_chance"] == 0.2


def test_ties_share_their_ranks():
    found = retrieval(np.zeros((3, 1)), np.zeros((3, 1)), k=[1, 2])
    assert found["mrr"] == 0.5 and found["recall@1"] == 0 and found["recall@2"] == 1


def test_rows_and_spaces_must_match():
    frame = pd.DataFrame(np.eye(3))
    assert retrieval(frame, frame)["mrr"] == 1
    with pytest.raises(ValueError, match="different groups"):
        retrieval(frame, frame.iloc[::-1])
    with pytest.raises(ValueError, match="3 columns and candidates has 2"):
        retrieval(frame, frame[[0, 1]])
    with pytest.raises(ValueError, match="3 rows in one and 2"):
        retrieval(np.eye(3), np.eye(3)[:2])
