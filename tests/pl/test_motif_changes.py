import pandas as pd
import pytest
from matplotlib import pyplot as plt

import gde


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_motifs_are_matched_by_name_and_the_largest_are_named():
    real = pd.Series({"ABF1": 0.5, "REB1": -0.1, "RAP1": 0.3})
    ax = gde.pl.motif_changes(real, real.iloc[::-1], n_names=2, show=False)
    points = ax.collections[0].get_offsets()
    assert (points[:, 0] == points[:, 1]).all()
    assert {text.get_text() for text in ax.texts} == {"ABF1", "RAP1"}


def test_names_stay_within_the_axes():
    real = pd.Series({"a_very_long_name_of_a_motif": 1.0, "another_name_as_long_as_it": -1.0, "short": 0.0})
    ax = gde.pl.motif_changes(real, real, show=False)
    frame, *names = [thing.get_window_extent() for thing in (ax, *ax.texts)]
    assert all(frame.x0 < name.x0 and name.x1 < frame.x1 for name in names)


def test_other_motifs_are_refused():
    with pytest.raises(ValueError, match="same motifs"):
        gde.pl.motif_changes(pd.Series({"a": 1.0}), pd.Series({"b": 1.0}), show=False)
