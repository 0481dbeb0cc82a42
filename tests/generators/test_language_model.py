import pytest
import torch

from gde.generators import LanguageModel
from tests.generators.token_generator_contract import LENGTH, TokenGeneratorContract, sequences
from tests.pretrained import save_causal_lm

pytest.importorskip("transformers")


@pytest.fixture(scope="class", autouse=True)
def folder(request, tmp_path_factory):
    torch.manual_seed(0)
    request.cls.name = save_causal_lm(tmp_path_factory.mktemp("model"), "ACGT")


class TestLanguageModel(TokenGeneratorContract):
    def make(self, n_vectors, n_latent, covariates=None, **kwargs):
        return LanguageModel(n_vectors, n_latent, covariates, name=self.name, letters="ACGT", **kwargs)

    def test_a_frozen_model_learns_the_prefix_alone(self):
        generator = self.make(LENGTH, self.n_latent, is_frozen=True)
        assert [name for name, p in generator.named_parameters() if p.requires_grad] == ["context.embedding.weight"]
        z = torch.randn(1, self.n_latent, requires_grad=True)
        self.loss(generator, sequences(5), z, [5], [1]).sum().backward()
        assert (generator.context.embedding.weight.grad != 0).any() and (z.grad != 0).all()

    def test_its_own_dropout_stays_off(self):
        assert not any(module.training for module in self.generator().train().model.modules())

    def test_a_model_without_a_cache_reads_all_places_again(self):
        generator = self.generator()
        z = torch.randn(1, self.n_latent)
        expected = self.sample(generator, z, [6], [1])
        run = generator.model.forward
        generator.model.forward = lambda past_key_values=None, use_cache=False, **kwargs: run(use_cache=False, **kwargs)
        assert (self.sample(generator, z, [6], [1]) == expected).all()

    def test_letters_that_are_no_tokens_are_named(self):
        with pytest.raises(ValueError, match="'-' are not tokens"):
            LanguageModel(3, 2, name=self.name, letters="AC-")
