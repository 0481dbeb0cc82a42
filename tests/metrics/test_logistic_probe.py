import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from gde.metrics import _agreement, logistic_probe


def _groups(n=60, n_classes=2, strength=1.0, seed=0):
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.arange(n) % n_classes)
    return strength * np.eye(n_classes)[label] + rng.normal(size=(n, n_classes)), label


@pytest.mark.parametrize("n_classes", [2, 4])
def test_measures_agree_with_scikit_learn(n_classes):
    rng = np.random.default_rng(1)
    truth, probability = rng.integers(0, n_classes, 50), rng.dirichlet(np.ones(n_classes), 50).round(1)
    probability[:, 0] += 1 - probability.sum(1)
    expected = (
        roc_auc_score(truth, probability[:, 1])
        if n_classes == 2
        else np.mean([roc_auc_score(truth == code, probability[:, code]) for code in range(n_classes)])
    )
    assert _agreement.roc_auc(truth, probability) == pytest.approx(expected)
    chosen = probability.argmax(1)
    assert _agreement.balanced_accuracy(truth, chosen, n_classes) == pytest.approx(
        balanced_accuracy_score(truth, chosen)
    )


def test_signal_is_found_and_noise_is_not():
    strong, none = (logistic_probe(*_groups(200, strength=s), n_bootstrap=200) for s in (2.0, 0.0))
    assert strong.loc["roc_auc", "low"] > 0.9 and strong.loc["balanced_accuracy", "value"] > 0.8
    assert none.loc["roc_auc", "low"] < 0.5 < none.loc["roc_auc", "high"]
    assert ((strong["low"] <= strong["value"]) & (strong["value"] <= strong["high"])).all()


def test_the_majority_is_beside():
    x, _ = _groups(60)
    label = np.array(["ill"] * 45 + ["well"] * 15)
    table = logistic_probe(x, label, n_bootstrap=0)
    assert table["majority"].to_dict() == {"roc_auc": 0.5, "balanced_accuracy": 0.5, "accuracy": 0.75}
    assert table["low"].isna().all()
    three = logistic_probe(*_groups(60, n_classes=3), n_bootstrap=0)
    assert three.loc["balanced_accuracy", "majority"] == pytest.approx(1 / 3)


def test_no_group_is_predicted_by_a_regression_that_saw_it():
    # More dimensions than groups: a regression that saw a group knows its class.
    rng = np.random.default_rng(3)
    x, label = rng.normal(size=(40, 100)), np.arange(40) % 2
    for n_splits in (5, None):
        assert logistic_probe(x, label, n_splits=n_splits, n_bootstrap=0).loc["accuracy", "value"] < 0.75


def test_missing_labels_and_scale():
    x, label = _groups(60)
    named = np.where(label == 1, "ill", "well").astype(object)
    named[50:] = None
    table = logistic_probe(x, named, n_bootstrap=20)
    np.testing.assert_allclose(table, logistic_probe(x[:50], named[:50], n_bootstrap=20))
    np.testing.assert_allclose(table, logistic_probe(x * [1e-3, 1e3] + 7, named, n_bootstrap=20), atol=1e-6)


def test_rare_classes_are_refused():
    x, _ = _groups(60)
    with pytest.raises(ValueError, match="Class 'rare' has 2 groups, fewer than 5"):
        logistic_probe(x, ["rare"] * 2 + ["common"] * 58)
    with pytest.raises(ValueError, match="1 different value"):
        logistic_probe(x, ["common"] * 60)
