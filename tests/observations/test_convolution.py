import pytest

from gde.observations import Convolution
from tests.observations.sequence_featuriser_contract import N_LETTERS, SequenceFeaturiserContract


class TestConvolution(SequenceFeaturiserContract):
    def make(self):
        return Convolution(N_LETTERS, n_features=6, n_channels=8, size=3)


def test_an_even_size_is_refused():
    with pytest.raises(ValueError, match="odd"):
        Convolution(4, size=8)
