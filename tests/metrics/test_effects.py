"""What all scores of predicted effects share: the checks of their three arguments."""

import numpy as np
import pandas as pd
import pytest

from gde.metrics import discrimination_score, mean_shift_mse, mean_shift_r2, pearson_delta, perturbation_scores

SCORES = [discrimination_score, mean_shift_mse, mean_shift_r2, pearson_delta, perturbation_scores]
REAL = pd.DataFrame([[1.0, 2.0, 3.0], [3.0, 1.0, 0.0]], index=["ZAP70", "LCK"], columns=["a", "b", "c"])
CONTROL = pd.Series([1.0, 1.0, 1.0], index=["a", "b", "c"])

pytestmark = pytest.mark.parametrize("score", SCORES)


def test_rows_of_a_dataframe_name_the_result(score):
    assert score(REAL.to_numpy(), REAL, CONTROL).index.tolist() == ["ZAP70", "LCK"]
    assert score(REAL, REAL.to_numpy(), CONTROL).index.tolist() == ["ZAP70", "LCK"]
    assert score(REAL.to_numpy(), REAL.to_numpy(), CONTROL.to_numpy()).index.tolist() == [0, 1]


def test_a_shift_of_everything_cancels(score):
    rng = np.random.default_rng(0)
    predicted, real, control = rng.normal(size=(5, 4)), rng.normal(size=(5, 4)), rng.normal(size=4)
    first, moved = score(predicted, real, control), score(predicted + 3, real + 3, control + 3)
    np.testing.assert_allclose(first, moved)


@pytest.mark.parametrize(
    ("predicted", "control", "message"),
    [
        (REAL.iloc[::-1], CONTROL, "rows of both DataFrames"),
        (REAL[["b", "a", "c"]], CONTROL, "different genes"),
        (REAL, CONTROL[["b", "a", "c"]], "different genes"),
        (REAL.to_numpy()[:, :2], CONTROL, "predicted has 2 columns and real has 3"),
        (REAL.to_numpy()[:1].repeat(3, 0), CONTROL, "predicted has 3 rows and real has 2"),
        (REAL, CONTROL.to_numpy()[:2], r"control has shape \(2,\).*\(3,\)"),
        (REAL, np.zeros((2, 3)), r"control has shape \(2, 3\)"),
        (REAL * np.nan, CONTROL, "NaN"),
    ],
)
def test_what_does_not_belong_together_is_refused(score, predicted, control, message):
    with pytest.raises(ValueError, match=message):
        score(predicted, REAL, control)
