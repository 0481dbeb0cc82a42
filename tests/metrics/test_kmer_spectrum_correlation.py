import numpy as np
import pytest

from gde.metrics import kmer_spectrum_correlation


def _draw(n, share, seed):
    return ["".join(row) for row in np.random.default_rng(seed).choice(list("ACGT"), size=(n, 50), p=share)]


def test_the_same_source_is_near_one_and_another_below():
    real = _draw(200, [0.4, 0.3, 0.2, 0.1], 0)
    same = kmer_spectrum_correlation(real, _draw(200, [0.4, 0.3, 0.2, 0.1], 1), k=3)
    assert same > 0.98
    assert kmer_spectrum_correlation(real, _draw(200, [0.1, 0.2, 0.3, 0.4], 1), k=3) < 0
    assert kmer_spectrum_correlation(real, real, k=3) == pytest.approx(1)


def test_a_flat_spectrum_has_no_correlation():
    assert np.isnan(kmer_spectrum_correlation(["ACGT"], ["AACC"], k=1))
