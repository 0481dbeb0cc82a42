import pandas as pd
import pytest
from matplotlib import pyplot as plt

import gde

REAL = pd.DataFrame({"A1T": [0.1, 0.2], "D6G": [0.0, 1.0], "K9R": [0.5, 0.5]}, index=["x", "y"])


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_each_mutation_has_a_real_and_a_generated_column_and_one_never_generated_has_zeros():
    generated = pd.DataFrame({"A1T": [0.3, 0.4]}, index=["y", "x"])
    ax = gde.pl.mutations(REAL, generated, n_mutations=2, show=False)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["D6G", "A1T"]
    assert ax.images[0].get_array().tolist() == [[0, 0, 0.1, 0.4], [1, 0, 0.2, 0.3]]


def test_no_group_in_common_is_refused():
    with pytest.raises(ValueError, match="no group in common"):
        gde.pl.mutations(REAL, REAL.rename(index=str.upper), show=False)
