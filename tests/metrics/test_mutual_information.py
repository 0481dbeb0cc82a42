import numpy as np
import pandas as pd
import pytest
from scipy.special import digamma
from sklearn.feature_selection import mutual_info_regression

from gde.metrics import mutual_information
from gde.metrics.mutual_information import _ksg, _whiten

QUICK = {"n_permutations": 0, "n_subsamples": 0}


def _pair(n, correlation, d=1, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return x, correlation * x + np.sqrt(1 - correlation**2) * rng.normal(size=(n, d))


def test_agrees_with_scikit_learn_in_one_dimension():
    x, y = _pair(150, 0.8)
    # scikit-learn adds noise of 1e-10 and takes the maximum with 0.
    expected = mutual_info_regression(x, y.ravel(), n_neighbors=3, random_state=0)[0] / np.log(2)
    assert mutual_information(x, y, **QUICK).value == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("k", [1, 3])
def test_is_its_definition_in_many_dimensions(k):
    x, y = _pair(40, 0.7, d=3)
    white = [_whiten(side, "") for side in (x, y)]
    distance = lambda side, i, j: np.abs(side[i] - side[j]).max()
    terms = []
    for i in range(40):
        others = [j for j in range(40) if j != i]
        radius = sorted(max(distance(side, i, j) for side in white) for j in others)[k - 1]
        counts = [sum(distance(side, i, j) < radius for j in others) for side in white]
        terms.append(digamma(k) + digamma(40) - sum(digamma(count + 1) for count in counts))
    value = mutual_information(x, y, n_neighbors=k, **QUICK).value
    assert value == pytest.approx(np.mean(terms) / np.log(2))


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.9])
def test_closed_form_of_gaussians(correlation):
    values = [mutual_information(*_pair(500, correlation, seed=seed), **QUICK).value for seed in range(5)]
    assert np.mean(values) == pytest.approx(-0.5 * np.log2(1 - correlation**2), abs=0.06)


def test_the_null_is_at_zero_and_the_p_value_knows():
    told, untold = (mutual_information(*_pair(120, c, d=2), n_permutations=99) for c in (0.8, 0.0))
    assert told.p_value == 0.01 and untold.p_value > 0.05
    assert abs(told.null.mean()) < 0.1 and told.value > told.null.max()
    assert told.n_groups == 120 and told.n_components == 2


def test_the_interval_is_as_wide_as_the_spread_of_new_samples():
    results = [mutual_information(*_pair(100, 0.7, seed=seed), n_permutations=0) for seed in range(30)]
    spread = np.std([result.value for result in results], ddof=1)
    widths = [(result.high - result.low) / 2 / 1.96 for result in results]
    assert np.mean(widths) == pytest.approx(spread, rel=0.35)


def test_scale_rotation_and_useless_dimensions_change_nothing():
    x, y = _pair(80, 0.8, d=3)
    value = mutual_information(x, y, **QUICK).value
    # Rotations of whitened data stay, up to the rotation within Chebyshev balls: so scale each axis by its own factor.
    assert mutual_information(x * 100, y * 1e-3 + 5, **QUICK).value == pytest.approx(value)
    padded = np.column_stack([x, np.ones(80), x[:, 0]])
    assert mutual_information(padded, y, **QUICK).n_components == 3


def test_copies_do_not_lose_themselves():
    x = np.repeat(np.arange(5.0), 8)[:, None]
    assert np.isfinite(mutual_information(x, x, **QUICK).value)
    assert np.isfinite(_ksg(np.zeros((9, 9)), np.zeros((9, 9)), 3))


def test_bad_input_names_the_cure():
    x, y = _pair(20, 0.5)
    with pytest.raises(ValueError, match="20 rows and y has 19"):
        mutual_information(x, y[1:])
    with pytest.raises(ValueError, match="at least 8"):
        mutual_information(x[:7], y[:7])
    with pytest.raises(ValueError, match="y is the same for all groups"):
        mutual_information(x, np.ones((20, 2)))
    with pytest.raises(ValueError, match="different groups"):
        mutual_information(pd.DataFrame(x), pd.DataFrame(y).iloc[::-1])
