import numpy as np
import pytest

from gde.metrics import discrimination_score, mean_shift_mse, perturbation_scores


def test_gathers_the_scores_and_pools_by_sums():
    rng = np.random.default_rng(0)
    predicted, real, control = rng.normal(size=(6, 9)), rng.normal(size=(6, 9)), rng.normal(size=9)
    scores = perturbation_scores(predicted, real, control)
    for column in ("pearson_delta", "mean_shift_r2", "mean_shift_mse", "discrimination_cosine"):
        assert scores[column].notna().all()
    by_size = discrimination_score(predicted, real, control, distance="cityblock")
    assert scores["discrimination_cityblock"].equals(by_size)
    none = mean_shift_mse(np.tile(control, (6, 1)), real, control)
    pooled = 1 - scores["mean_shift_mse"].sum() / none.sum()
    assert scores.attrs["pooled_r2"] == pytest.approx(pooled)
    np.testing.assert_allclose(1 - scores["mean_shift_mse"] / none, scores["mean_shift_r2"])
