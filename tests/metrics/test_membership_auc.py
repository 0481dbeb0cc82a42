import numpy as np
import pytest

from gde.metrics import membership_auc


@pytest.fixture
def units():
    return np.random.default_rng(0).normal(size=(1500, 6))


def test_fresh_draws_give_chance_also_where_sizes_differ(units):
    fresh, training, held_out = units[:500], units[500:1300], units[1300:1400]
    assert membership_auc(fresh, training, held_out) == pytest.approx(0.5, abs=0.07)
    assert membership_auc(fresh, held_out, training) == pytest.approx(0.5, abs=0.07)


def test_copies_of_training_units_give_one_and_of_held_out_units_none(units):
    training, held_out = units[:700], units[700:1400]
    assert membership_auc(training[:50], training, held_out) == 1
    assert membership_auc(held_out[:50], training, held_out) == 0
    near = training + np.random.default_rng(1).normal(0, 0.1, training.shape)
    assert membership_auc(near, training, held_out) > 0.95


def test_the_share_of_copies_is_seen(units):
    fresh, training, held_out = units[:500], units[500:1000], units[1000:]
    half = np.concatenate([fresh[:250], training[:250]])
    assert membership_auc(half, training, held_out) == pytest.approx(0.75, abs=0.05)


def test_units_that_are_in_both_count_half(units):
    assert membership_auc(units[:20], units[:100], units[:100]) == 0.5


def test_bad_input_is_refused(units):
    with pytest.raises(ValueError, match="held_out"):
        membership_auc(units, units, units[:1])
    with pytest.raises(ValueError, match="dimensions|columns|shape"):
        membership_auc(units[:, :3], units, units)
