import numpy as np
import pandas as pd
import pytest

from gde.metrics import de_direction

REAL = pd.DataFrame({"log2_fold_change": [3.0, -2.0, 1.0, 9.0], "q_value": [0.01, 0.02, 0.03, 0.5]})


@pytest.mark.parametrize(
    ("changes", "share"),
    [([0.1, -9, 5, -1], 1), ([-0.1, -9, 5, 1], 2 / 3), ([0, -9, 0, 1], 1 / 3), ([-1, 1, -1, 1], 0)],
)
def test_signs_of_the_real_genes_count(changes, share):
    predicted = pd.DataFrame({"log2_fold_change": changes, "q_value": 1.0})
    assert de_direction(predicted, REAL) == pytest.approx(share)


def test_nothing_real_has_no_direction():
    assert np.isnan(de_direction(REAL, REAL, alpha=1e-6))
