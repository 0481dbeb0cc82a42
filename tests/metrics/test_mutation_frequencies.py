import numpy as np
import pytest

from gde.metrics import mutation_frequencies


def test_shares_are_of_the_sequences_that_say_something():
    table = mutation_frequencies(["AG", "XG", "TG", "AX"], ["a", "a", "a", "b"], reference="AC")
    assert table.columns.tolist() == ["A1T", "C2G"] and table.index.tolist() == ["a", "b"]
    assert table.loc["a"].tolist() == [0.5, 1.0]
    assert table.loc["b", "A1T"] == 0 and np.isnan(table.loc["b", "C2G"])


def test_sequences_of_another_length_are_refused():
    with pytest.raises(ValueError, match="1 sequences are not as long as the reference"):
        mutation_frequencies(["AC", "A"], ["a", "a"], reference="AC")
