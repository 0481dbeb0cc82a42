import numpy as np
import pandas as pd
import pytest

from gde.metrics import mean_shift_r2, perturbation_baselines


@pytest.fixture
def task():
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(30, 4)) * [1, 100, 1, 1], index=[f"p{i}" for i in range(30)])
    weights = rng.normal(size=(4, 6)) / np.array([1, 100, 1, 1])[:, None]
    means = pd.DataFrame(features.to_numpy() @ weights + 5, index=features.index, columns=list("abcdef"))
    return features.iloc[:25], means.iloc[:25], features.iloc[25:], means.iloc[25:]


def test_a_linear_truth_is_found_by_the_linear_baseline_alone(task):
    features, means, new, truth = task
    predictions = perturbation_baselines(features, means, new)
    control = means.mean()
    r2 = {name: mean_shift_r2(p, truth, control).mean() for name, p in predictions.items()}
    assert r2["linear"] > 0.99 > r2["nearest_neighbour"] and r2["mean_response"] == pytest.approx(0)


def test_shapes_names_and_definitions(task):
    features, means, new, truth = task
    predictions = perturbation_baselines(features, means, new)
    for prediction in predictions.values():
        assert prediction.index.equals(truth.index) and prediction.columns.equals(truth.columns)
    np.testing.assert_allclose(predictions["mean_response"], np.tile(means.mean(), (5, 1)))
    spread = features.std(ddof=0).to_numpy()
    gaps = np.linalg.norm((new.to_numpy()[:, None] - features.to_numpy()) / spread, axis=-1)
    np.testing.assert_array_equal(predictions["nearest_neighbour"], means.to_numpy()[gaps.argmin(1)])


def test_one_gene_and_constant_features():
    predictions = perturbation_baselines([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [[0.0], [1.0], [2.0]], [[1.0, 3.0]])
    assert all(p.shape == (1, 1) and np.isfinite(p.to_numpy()).all() for p in predictions.values())


def test_rows_must_match(task):
    features, means, new, _ = task
    with pytest.raises(ValueError, match="24 rows and means has 25"):
        perturbation_baselines(features.iloc[1:].to_numpy(), means, new)
    with pytest.raises(ValueError, match="another order: align them"):
        perturbation_baselines(features.iloc[::-1], means, new)
    with pytest.raises(ValueError, match=r"new_features\[features.columns\]"):
        perturbation_baselines(features, means, new.iloc[:, ::-1])
