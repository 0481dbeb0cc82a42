from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import sequence_distances

words = st.lists(st.text("AC", max_size=6), min_size=1, max_size=4)


def levenshtein(x: str, y: str) -> int:
    """The definition, letter by letter."""

    @lru_cache
    def cost(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        return min(cost(i - 1, j) + 1, cost(i, j - 1) + 1, cost(i - 1, j - 1) + (x[i - 1] != y[j - 1]))

    return cost(len(x), len(y))


@given(words, words)
def test_is_the_levenshtein_distance(sequences, references):
    expected = [[levenshtein(x, y) for y in references] for x in sequences]
    assert sequence_distances(sequences, references).tolist() == expected


def test_nothing_to_compare_is_refused():
    with pytest.raises(ValueError, match="At least one"):
        sequence_distances([], ["A"])
