from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import kmer_counts


@given(st.lists(st.text("ACGTN", max_size=12), min_size=1, max_size=5), st.integers(1, 3))
def test_counts_are_those_of_sliding_by_hand(sequences, k):
    words = ["".join(word) for word in product("ACGT", repeat=k)]
    expected = [[sum(s[i : i + k] == word for i in range(len(s))) for word in words] for s in sequences]
    assert kmer_counts(sequences, k).toarray().tolist() == expected


def test_nothing_to_count_is_refused():
    with pytest.raises(ValueError, match="empty"):
        kmer_counts([], 2)
    with pytest.raises(ValueError, match="at least 1"):
        kmer_counts(["A"], 0)
