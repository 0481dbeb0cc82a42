import numpy as np
from sklearn.metrics import mean_squared_error

from gde.metrics import mean_shift_mse


def test_agrees_with_scikit_learn_and_the_control_cancels():
    rng = np.random.default_rng(0)
    predicted, real = rng.normal(size=(2, 5, 8))
    expected = mean_squared_error(real.T, predicted.T, multioutput="raw_values")
    for control in (np.zeros(8), rng.normal(size=8)):
        np.testing.assert_allclose(mean_shift_mse(predicted, real, control), expected)


def test_the_truth_has_no_error():
    real = np.random.default_rng(1).normal(size=(3, 4))
    assert (mean_shift_mse(real, real, real.mean(0)) == 0).all()
