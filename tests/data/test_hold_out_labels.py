import numpy as np

from gde.data import hold_out_labels

CODES = np.repeat(np.arange(40), 3)
LABELS = np.repeat(np.r_[np.zeros(20), np.ones(10), np.full(10, np.nan)], 3)


def test_a_share_of_the_groups_of_each_class_is_held_out_with_all_their_units():
    held_out = hold_out_labels(CODES, LABELS, 0.1, seed=0, are_classes=True)
    groups = np.unique(CODES[held_out])
    assert held_out.sum() == 3 * len(groups)
    assert (groups < 20).sum() == 2 and ((groups >= 20) & (groups < 30)).sum() == 1 and (groups >= 30).sum() == 0
    assert (hold_out_labels(CODES, LABELS, 0.1, seed=1, are_classes=True) != held_out).any()


def test_numbers_are_one_stratum_and_small_shares_hold_out_nothing():
    numbers = np.where(np.isnan(LABELS), np.nan, CODES)
    assert len(np.unique(CODES[hold_out_labels(CODES, numbers, 0.1, seed=0, are_classes=False)])) == 3
    assert not hold_out_labels(CODES, LABELS, 0.04, seed=0, are_classes=True).any()
    assert not hold_out_labels(CODES, np.full(120, np.nan), 0.5, seed=0, are_classes=True).any()
