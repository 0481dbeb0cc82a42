import copy

import pytest
import torch

from gde.encoders import DeepSets, Framed, SetEncoder
from gde.generators import CVAE
from gde.nn import CovariateSizes, Recorded


def test_arguments_are_recorded_by_name_with_their_defaults():
    assert DeepSets(5, 2, noise_sd=0.1).arguments == {"n_features": 5, "n_latent": 2, "n_hidden": 128, "noise_sd": 0.1}
    sizes = CovariateSizes(n_categories=(2,))
    assert CVAE(4, n_latent=3, covariates=sizes).arguments == {"n_vectors": 4, "n_latent": 3, "covariates": sizes}


def test_a_part_within_a_part_is_an_argument():
    inner = DeepSets(5, 2)
    assert Framed(inner).arguments == {"encoder": inner}


def test_a_subclass_records_its_own_arguments_not_those_of_its_base():
    class Wide(DeepSets):
        def __init__(self, n_latent, **options):
            super().__init__(3, n_latent, **options)

    assert Wide(2, n_hidden=7).arguments == {"n_latent": 2, "n_hidden": 7}
    assert issubclass(Wide, SetEncoder)


def test_a_copy_has_the_arguments_of_the_original():
    encoder = DeepSets(5, 2, n_hidden=6)
    twin = copy.deepcopy(encoder)
    assert twin.arguments == encoder.arguments
    torch.testing.assert_close(twin.phi[0].weight, encoder.phi[0].weight)


def test_wrong_arguments_are_refused_as_ever():
    with pytest.raises(TypeError, match="n_hiden"):
        DeepSets(5, 2, n_hiden=6)
    with pytest.raises(TypeError, match="n_latent"):
        DeepSets(5)


def test_arguments_without_names_are_refused():
    class Unnamed(Recorded):
        def __init__(self, *sizes):
            pass

    with pytest.raises(TypeError, match=r"Unnamed takes `\*args`.*name its arguments"):
        Unnamed(1, 2)
