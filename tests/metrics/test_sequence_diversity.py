import pytest

from gde.metrics import sequence_diversity


def test_copies_have_none():
    assert sequence_diversity(["ACGT"] * 4) == {"unique": 0.25, "mean_distance": 0.0}


def test_a_sequence_is_never_compared_with_itself():
    assert sequence_diversity(["AAAA", "TTTT"]) == {"unique": 1.0, "mean_distance": 1.0}


def test_a_single_sequence_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        sequence_diversity(["A"])
