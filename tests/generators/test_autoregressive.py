import pytest
import torch

from gde.generators import Autoregressive
from gde.nn import Covariates, CovariateSizes, SetNoise
from tests.generators.token_generator_contract import LENGTH, N_LETTERS, TokenGeneratorContract, sequences


class TestAutoregressive(TokenGeneratorContract):
    def make(self, n_vectors, n_latent, covariates=None):
        return Autoregressive(n_vectors, n_latent, covariates, n_letters=N_LETTERS, n_hidden=16)

    def test_letters_are_blanked_in_training_only(self):
        generator, tokens, z = self.generator(), sequences(22), torch.randn(3, self.n_latent)
        losses = [self.loss(generator.train(is_training), tokens, z, [22], [1]) for is_training in (True, False)]
        generator.letter_dropout = 0.0
        torch.testing.assert_close(self.loss(generator.train(), tokens, z, [22], [1]), losses[1])
        assert losses[0][0] != losses[1][0]

    def test_a_category_changes_what_is_generated(self):
        torch.manual_seed(0)
        generator = self.make(LENGTH, self.n_latent, CovariateSizes(n_categories=(2,)))
        torch.nn.init.normal_(generator.context.covariate_effect.categorical[0].weight, std=5)
        drawn = [
            generator.sample(
                torch.zeros(1, self.n_latent),
                torch.zeros(20, dtype=torch.long),
                Covariates(torch.full((20, 1), code), torch.zeros(20, 0)),
                SetNoise([1], [20], "cpu"),
            )
            for code in (0, 1)
        ]
        assert (drawn[0] != drawn[1]).any()

    def test_begins_with_the_letters_and_ends_of_each_place(self):
        generator = self.make(LENGTH, self.n_latent)
        tokens = torch.cat([torch.tensor([[0, 1, N_LETTERS]]).repeat(300, 1), torch.tensor([[0, 2, 3]]).repeat(100, 1)])
        padding = torch.full((400, LENGTH - 3), N_LETTERS)
        generator.calibrate(lambda: iter(torch.cat([tokens, padding], dim=1).float().split(150)))
        shares = torch.softmax(generator.offset, dim=1)
        torch.testing.assert_close(shares[0, 0], torch.tensor(1.0), atol=0.02, rtol=0)
        torch.testing.assert_close(shares[1, 1:3], torch.tensor([0.75, 0.25]), atol=0.02, rtol=0)
        torch.testing.assert_close(
            shares[2, N_LETTERS], torch.tensor(0.75), atol=0.02, rtol=0
        )  # padding does not count
        assert torch.isfinite(generator.offset).all()


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="multiple of `n_heads`"):
        Autoregressive(3, 2, n_letters=4, n_hidden=10)
