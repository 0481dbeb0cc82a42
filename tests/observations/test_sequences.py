import torch

from gde.nn import Covariates, SetNoise
from gde.observations import Convolution, Sequences

TOKENS = torch.tensor([[0, 1, 1], [2, 3, 3]])


def _sequences(featuriser=None) -> Sequences:
    return Sequences(n_vars=3, n_vectors=9, n_latent=2, n_letters=3, featuriser=featuriser)


def test_fixed_features_are_shares_of_letters():
    expected = torch.tensor([[1 / 3, 2 / 3, 0], [0, 0, 1]])
    torch.testing.assert_close(_sequences().fixed_features(TOKENS.float()), expected)
    torch.testing.assert_close(_sequences().featurise(TOKENS), expected)


def test_a_featuriser_makes_the_features():
    torch.manual_seed(0)
    featuriser = Convolution(3, n_features=5, n_channels=4)
    observation = _sequences(featuriser)
    assert observation.n_features == 5
    torch.testing.assert_close(observation.featurise(TOKENS), featuriser(TOKENS))


def test_vectors_are_the_codes_both_ways():
    covariates, noise = Covariates(torch.zeros(2, 0), torch.zeros(2, 0)), SetNoise([0], [2], "cpu")
    zeros = torch.zeros(2, dtype=torch.long)
    vectors, terms = _sequences().score(TOKENS, torch.zeros(2, 3), torch.zeros(1, 2), zeros, covariates, noise)
    assert terms == {} and (vectors == TOKENS).all()
    assert (_sequences().sample(vectors, torch.zeros(1, 2), zeros, covariates, noise) == TOKENS).all()


def test_squared_distance_of_coordinates_is_the_number_of_places_that_differ():
    coordinates = _sequences().coordinates(torch.zeros(2, 3), torch.tensor([[0, 1, 1], [0, 2, 3]]))
    torch.testing.assert_close(torch.pdist(coordinates).square(), torch.tensor([2.0]))
