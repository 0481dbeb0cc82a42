import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_predict

from gde.tl import EmbeddingRegressor


def simulate(n, seed, noise=0.3):
    """Targets with 3 features and a linear map to 2 coordinates, the same for all seeds."""
    rng = np.random.default_rng(seed)
    slope = np.array([[1.0, 0.0], [0.5, -1.0], [0.0, 2.0]])
    x = rng.normal(size=(n, 3))
    return x, x @ slope + 1 + noise * rng.normal(size=(n, 2))


@pytest.mark.parametrize("method", ["ridge", "kernel_ridge", "mlp"])
def test_every_method_learns_a_smooth_map(method):
    x, z = simulate(60, 0, noise=0.1)
    new_x, new_z = simulate(30, 1, noise=0.1)
    regressor = EmbeddingRegressor(method, n_folds=3).fit(x, z)
    assert regressor.score(new_x, new_z) > 0.8
    mean, sd = regressor.predict(new_x, return_std=True)
    error = np.abs(mean - new_z)
    assert 0.5 < np.sqrt((error**2).mean()) / sd.mean() < 2
    np.testing.assert_array_equal(EmbeddingRegressor(method, n_folds=3).fit(x, z).predict(new_x), mean)


@pytest.mark.parametrize("n_folds", [None, 5])
def test_regions_cover_as_often_as_they_say(n_folds):
    covered = []
    for seed in range(25):
        regressor = EmbeddingRegressor(n_folds=n_folds).fit(*simulate(19, seed))
        new_x, new_z = simulate(20, 1000 + seed)
        covered.append(regressor.predict_region(new_x, level=0.8).contains(new_z).mean())
    assert 0.74 < np.mean(covered) < 0.9


def test_a_region_says_what_it_attains_and_lies_in_its_ball():
    regressor = EmbeddingRegressor().fit(*simulate(19, 0))
    new_x, _ = simulate(5, 1)
    region = regressor.predict_region(new_x, level=0.9)
    assert region.attainable_level == regressor.attainable_level_ == pytest.approx(0.95)
    assert region.guaranteed_level == pytest.approx(0.8)
    with_folds = EmbeddingRegressor(n_folds=5).fit(*simulate(20, 0)).predict_region(new_x, level=0.9)
    assert with_folds.guaranteed_level == pytest.approx(0.8 - (1 - 5 / 20) / 6)

    directions = np.random.default_rng(0).normal(size=(200, 5, 2))
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    assert region.contains(region.center).all()
    for direction in directions:
        assert not region.contains(region.center + 1.001 * region.radius[:, None] * direction).any()
    wider = regressor.predict_region(new_x, level=0.95)
    assert (wider.radius >= region.radius).all()
    with pytest.raises(ValueError, match=r"19 targets attain at most the level 0.950.*at least 99 targets"):
        regressor.predict_region(new_x, level=0.99)
    with pytest.raises(ValueError, match="one for each new target"):
        region.contains(np.zeros(2))


def test_noisy_targets_count_less():
    x, z = simulate(40, 0, noise=0.05)
    rng = np.random.default_rng(1)
    sd = np.where(np.arange(40) < 20, 0.0, 10.0)
    noisy = z + sd[:, None] * rng.normal(size=z.shape)
    covariances = sd[:, None, None] ** 2 * np.eye(2)
    new_x, new_z = simulate(50, 2, noise=0.05)
    error = {
        name: np.square(EmbeddingRegressor(n_folds=2).fit(x, noisy, **given).predict(new_x) - new_z).mean()
        for name, given in {"all alike": {}, "covariances": {"covariances": covariances}}.items()
    }
    assert error["covariances"] < 0.3 * error["all alike"]
    dropped = EmbeddingRegressor(n_folds=2).fit(x, noisy, weights=(sd == 0).astype(float)).predict(new_x)
    assert np.square(dropped - new_z).mean() < 0.01


def test_exact_targets_without_noise_or_spread():
    x, _ = simulate(6, 0)
    z = np.ones((6, 2))
    regressor = EmbeddingRegressor().fit(x, z, covariances=np.zeros((6, 2, 2)))
    np.testing.assert_allclose(regressor.predict(x), z)


def test_it_is_an_estimator_of_scikit_learn():
    x, z = simulate(20, 0)
    regressor = EmbeddingRegressor("kernel_ridge", n_folds=4, seed=3)
    assert regressor.get_params() == {"method": "kernel_ridge", "n_folds": 4, "seed": 3}
    copy = clone(regressor)
    assert copy is not regressor and copy.get_params() == regressor.get_params()
    assert cross_val_predict(EmbeddingRegressor(n_folds=2), x, z, cv=3).shape == z.shape
    with pytest.raises(NotFittedError):
        copy.predict(x)


def test_data_frames_keep_their_names():
    x, z = simulate(10, 0)
    features = pd.DataFrame(x, index=list("abcdefghij"), columns=["f", "g", "h"])
    embeddings = pd.DataFrame(z, index=features.index, columns=["gde_0", "gde_1"])
    regressor = EmbeddingRegressor().fit(features[:8], embeddings[:8])
    mean, sd = regressor.predict(features[8:], return_std=True)
    for frame in (mean, sd):
        assert frame.index.tolist() == ["i", "j"] and frame.columns.tolist() == ["gde_0", "gde_1"]
    with pytest.raises(ValueError, match=r"align them.*features\.loc\[embeddings\.index\]"):
        EmbeddingRegressor().fit(features, embeddings[::-1])
    with pytest.raises(ValueError, match="feature names"):
        regressor.predict(features[["g", "f", "h"]])


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        ({"method": "forest"}, {}, "expected one of 'ridge', 'kernel_ridge', 'mlp'"),
        ({"n_folds": 11}, {}, "expected 2 to 10"),
        ({}, {"weights": np.ones(3)}, "10 numbers that are not negative"),
        ({}, {"weights": -np.ones(10)}, "10 numbers that are not negative"),
        ({}, {"covariances": np.ones((10, 2))}, r"expected \(10, 2, 2\)"),
        ({}, {"covariances": np.full((10, 2, 2), np.nan)}, "drop these targets, or pass `weights`"),
        ({}, {"weights": np.ones(10), "covariances": np.zeros((10, 2, 2))}, "not both"),
    ],
)
def test_errors_name_the_cure(options, given, message):
    with pytest.raises(ValueError, match=message):
        EmbeddingRegressor(**options).fit(*simulate(10, 0), **given)


def test_targets_without_weight_count_as_if_they_were_not_there():
    x, z = simulate(12, 0)
    wild = np.concatenate([z[:8], 1e6 * z[8:]])
    regressor = EmbeddingRegressor(n_folds=3).fit(x, wild, weights=np.arange(12) < 8)
    mean, sd = regressor.predict(x, return_std=True)
    assert np.abs(mean - z).max() < 3 and np.isfinite(sd).all()


def test_weights_that_leave_a_fold_nothing_to_learn_from_are_refused():
    x, z = simulate(6, 0)
    for weights in ([1, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]):
        with pytest.raises(ValueError, match="`weights`: without one of the folds fewer than 3 .* `n_folds`"):
            EmbeddingRegressor().fit(x, z, weights=weights)


def test_too_few_targets_and_one_dimension_are_refused():
    with pytest.raises(ValueError, match="add targets"):
        EmbeddingRegressor().fit(*simulate(3, 0))
    x, z = simulate(10, 0)
    with pytest.raises(ValueError, match="reshape"):
        EmbeddingRegressor().fit(x, z[:, 0])
    with pytest.raises(ValueError, match="between 0 and 1"):
        EmbeddingRegressor().fit(x, z).predict_region(x, level=95)
