"""Labels that say nothing give chance, in whatever benchmarks and tutorials score groups with."""

import numpy as np
import pytest

from gde.metrics import information_retention, logistic_probe, replicate_robustness, retrieval, trajectory_preservation
from tests.leakage.two_kinds import two_kinds

N_GROUPS, N_PERMUTATIONS = 60, 8


@pytest.fixture(scope="module")
def embeddings():
    """Two classes far apart, and more dimensions than a fifth of the groups: what saw a group's label knows it."""
    rng = np.random.default_rng(0)
    label = np.arange(N_GROUPS) % 2
    return rng.normal(size=(N_GROUPS, 40)) + 3 * label[:, None], label


def _mean_over_permutations(score, label):
    rng = np.random.default_rng(1)
    return float(np.mean([score(rng.permutation(label)) for _ in range(N_PERMUTATIONS)]))


def test_classes(embeddings):
    z, label = embeddings
    assert logistic_probe(z, label, n_bootstrap=0)["value"].min() > 0.9
    rng = np.random.default_rng(1)
    by_lot = [logistic_probe(z, rng.permutation(label), n_bootstrap=0)["value"] for _ in range(N_PERMUTATIONS)]
    assert (np.mean(by_lot, axis=0) < 0.6).all() and (np.mean(by_lot, axis=0) > 0.4).all()


def test_classes_of_neighbours(embeddings):
    z, label = embeddings
    assert information_retention(z, label, n_bootstrap=0).value > 0.9
    # Cut off below at zero, chance is the positive part of noise.
    assert _mean_over_permutations(lambda y: information_retention(z, y, n_bootstrap=0).value, label) < 0.25


def test_numbers(embeddings):
    z, _ = embeddings
    order = z[:, 0] + 10 * np.arange(N_GROUPS)
    z = np.column_stack([z, 10 * np.arange(N_GROUPS)])
    for score in (information_retention, trajectory_preservation):
        assert score(z, order, n_bootstrap=0).value > 0.9
        # chance is the absolute value of a correlation of noise, more where groups are each other's neighbours
        assert _mean_over_permutations(lambda y, s=score: s(z, y, n_bootstrap=0).value, order) < 0.35


def test_halves_of_other_groups(embeddings):
    z, _ = embeddings
    other = z + 0.1 * np.random.default_rng(2).normal(size=z.shape)
    z, other = (z - z.mean(0)), (other - other.mean(0))
    assert replicate_robustness(z, other) > 0.99
    chance = _mean_over_permutations(lambda order: replicate_robustness(z, other[order]), np.arange(N_GROUPS))
    assert abs(chance - 0.5) < 0.05
    found = retrieval(z, other)
    shuffled = retrieval(z, other[np.random.default_rng(3).permutation(N_GROUPS)])
    assert found["recall@1"] == 1 and shuffled["recall@1"] < 0.1


# The head of `predict`: groups whose labels training did not see


def _accuracy(fit, label, seed):
    adata = two_kinds(seed)
    is_new = adata.obs["donor"].isin([f"d{i}" for i in range(12)]).to_numpy()
    train, new = adata[~is_new].copy(), adata[is_new].copy()
    steps = {"limit_train_batches": 25, "validation_size": 0, "batch_size": 128}
    model = fit(train, {"obsm_key": "X", "labels_key": label}, steps, label_weight=10.0)
    truth = new.obs.groupby("donor", observed=True)[label].first()
    predicted = model.predict(new).idxmax(axis=1)
    return (predicted == truth.loc[predicted.index]).mean()


def test_the_head_of_predict(fit):
    assert _accuracy(fit, "kind", 0) > 0.9
    by_lot = [_accuracy(fit, "lot", seed) for seed in range(3)]
    assert 0.25 < np.mean(by_lot) < 0.75
