import numpy as np
import pytest
import scipy.stats
from scipy.spatial.distance import cdist
from sklearn.metrics import f1_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from gde.metrics import information_retention


def _groups(seed, n=40, strength=1.0):
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.arange(n) % 2)
    return strength * label[:, None] + rng.normal(size=(n, 3)), label


@pytest.mark.parametrize("seed", range(3))
def test_classes_agree_with_scikit_learn(seed):
    x, label = _groups(seed)
    vote = cross_val_predict(
        KNeighborsClassifier(3), x, label, cv=LeaveOneOut()
    )  # two classes and three votes: no ties
    expected = max(0, 2 * (f1_score(label, vote, average="macro") - 0.5))
    assert information_retention(x, label.astype(str), n_bootstrap=0).value == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_numbers_agree_with_scikit_learn_and_scipy(seed):
    x, _ = _groups(seed)
    number = np.random.default_rng(seed).normal(size=40) + x[:, 0]
    mean = cross_val_predict(KNeighborsRegressor(3), x, number, cv=LeaveOneOut())
    expected = abs(scipy.stats.spearmanr(number, mean)[0])
    assert information_retention(x, number, n_bootstrap=0).value == pytest.approx(expected)


def test_a_tie_goes_to_the_nearest():
    # The first group sees b, a, c in this order; all others are far away among their own.
    x = np.array([[0.0], [-1.0], [2.0], [3.5], [100.0], [101.0], [102.0], [200.0], [201.0], [202.0]])
    label = np.array(list("bbac") + ["a"] * 3 + ["c"] * 3)
    others = [information_retention(x, np.r_[[first], label[1:]], n_bootstrap=0).value for first in "bac"]
    assert others[0] == max(others) and others[0] > max(others[1:])


def test_copies_of_groups_in_the_bootstrap_do_not_predict_each_other():
    rng = np.random.default_rng(0)
    score = information_retention(rng.normal(size=(60, 3)), rng.permutation(np.arange(60) % 2).astype(str))
    assert score.low <= score.value <= score.high
    assert score.high < 0.5, "copies that found each other would make it about 0.9"


def test_the_interval_covers_and_narrows():
    scores = [information_retention(*_groups(0, n, strength=1.5), n_bootstrap=200) for n in (40, 400)]
    widths = [score.high - score.low for score in scores]
    assert widths[1] < widths[0] / 2
    assert information_retention(*_groups(0), n_bootstrap=50) == information_retention(*_groups(0), n_bootstrap=50)


def test_distances_in_place_of_embeddings_and_they_stay_as_they_were():
    x, label = _groups(1)
    distance = cdist(x, x)
    before = distance.copy()
    given_distances = information_retention(distance, label, metric="precomputed", n_bootstrap=20)
    assert given_distances == information_retention(x, label, n_bootstrap=20)
    np.testing.assert_array_equal(distance, before)
    with pytest.raises(ValueError, match="symmetric"):
        information_retention(x, label, metric="precomputed")
    with pytest.raises(ValueError, match="'cosine': expected"):
        information_retention(x, label, metric="cosine")


def test_groups_without_a_label_are_left_out():
    x, label = _groups(2)
    named = label.astype(object)
    named[::4] = None
    kept = np.arange(40) % 4 != 0
    expected = information_retention(x[kept], label[kept].astype(str), n_bootstrap=0).value
    assert information_retention(x, named.astype(object), n_bootstrap=0).value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("labels", "k", "message"),
    [(["a"] * 6, 3, "1 different value"), (["a", "b"] * 3, 6, "fewer than the 6"), (["a", "b"], 1, "has 2 entries")],
)
def test_bad_input_names_the_cure(labels, k, message):
    with pytest.raises(ValueError, match=message):
        information_retention(np.arange(6.0)[:, None], labels, n_neighbors=k)
