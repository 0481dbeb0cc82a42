import pandas as pd
import pytest

from gde.metrics import de_direction, de_overlap


def _table(changes, q):
    return pd.DataFrame({"log2_fold_change": changes, "q_value": q}, index=list("abcde"))


REAL = _table([3.0, -2.0, 1.0, 9.0, 0.0], [0.01, 0.02, 0.03, 0.5, 0.9])  # a, b, c differ


@pytest.mark.parametrize(
    ("changes", "q", "overlap"),
    [
        ([1.0, 1.0, 1.0, 0.0, 0.0], [0.01, 0.01, 0.01, 1, 1], 1),
        ([1.0, 1.0, 1.0, 5.0, 6.0], [0.01] * 5, 1 / 3),  # d, e and one of the others are the strongest three
        ([1.0, 1.0, 1.0, 5.0, 6.0], [0.01, 0.2, 0.2, 0.01, 0.01], 1 / 3),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5, 0),
    ],
)
def test_counts_the_strongest_significant_genes(changes, q, overlap):
    assert de_overlap(_table(changes, q), REAL) == pytest.approx(overlap)


def test_nothing_real_is_no_overlap():
    assert de_overlap(REAL, REAL, alpha=1e-6) == 0
    assert de_overlap(REAL, REAL) == 1


@pytest.mark.parametrize("score", [de_overlap, de_direction])
def test_tables_must_be_of_the_same_genes(score):
    with pytest.raises(ValueError, match="different genes"):
        score(REAL.iloc[::-1], REAL)
    with pytest.raises(ValueError, match="real has no column 'q_value'"):
        score(REAL, REAL.drop(columns="q_value"))
