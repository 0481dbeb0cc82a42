import numpy as np
import pytest
from matplotlib import pyplot as plt

import gde


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _boxes(ax):
    """Left, bottom, width and height of each letter."""
    return np.array([letter.get_path().get_extents().bounds for letter in ax.patches])


def test_letters_are_as_high_as_they_are_informative():
    ax = gde.pl.sequence_logo(["AC"] * 3000 + ["AG"] * 1000, show=False)
    x, bottom, width, height = _boxes(ax).T
    entropy = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))
    np.testing.assert_allclose(height, [2, 0.25 * (2 - entropy), 0.75 * (2 - entropy)], atol=2e-3)
    np.testing.assert_allclose(bottom, [0, 0, height[1]], atol=1e-6)  # the frequent letter is on top
    np.testing.assert_allclose(x + width / 2, [1, 2, 2], atol=1e-6)


def test_few_random_sequences_tell_nothing():
    letters = np.random.default_rng(0).choice(list("ACGT"), size=(8, 50))
    few = _boxes(gde.pl.sequence_logo(["".join(row) for row in letters], show=False))[:, 3].sum() / 50
    assert few < 0.2  # without the correction for chance 0.3 bits


def test_positions_are_counted_from_one_and_proteins_known():
    ax = gde.pl.sequence_logo(["MKL"] * 5 + ["MRX"] * 5, positions=(2, 3), show=False)
    x, _, width, _ = _boxes(ax).T
    assert sorted(np.round(x + width / 2).tolist()) == [2, 2, 3]
    assert ax.get_ylim()[1] == pytest.approx(np.log2(20))


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="has none"):
        gde.pl.sequence_logo([], show=False)
    with pytest.raises(ValueError, match="within 1 and 3"):
        gde.pl.sequence_logo(["ACG"], positions=(0, 2), show=False)
