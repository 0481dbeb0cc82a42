import numpy as np
import pytest

from gde.metrics import batch_removal, information_retention


def test_is_one_less_what_is_retained():
    rng = np.random.default_rng(0)
    x, batch = rng.normal(size=(40, 2)), np.array(["lane 1", "lane 2"] * 20)
    x[::2] += 1
    removed, retained = batch_removal(x, batch, n_bootstrap=100), information_retention(x, batch, n_bootstrap=100)
    assert removed == pytest.approx((1 - retained.value, 1 - retained.high, 1 - retained.low))
    assert removed.low <= removed.value <= removed.high


def test_a_batch_that_moves_everything_is_seen():
    rng = np.random.default_rng(1)
    biology, batch = rng.normal(size=(60, 2)), np.arange(60) % 3
    names = batch.astype(str)
    apart, mixed = (batch_removal(biology + shift * batch[:, None], names, n_bootstrap=0).value for shift in (9, 0))
    assert apart == 0 and mixed > 0.6
