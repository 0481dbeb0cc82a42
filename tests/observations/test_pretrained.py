import pytest
import torch

from gde.observations import Pretrained
from tests.observations.sequence_featuriser_contract import SequenceFeaturiserContract
from tests.pretrained import save_esm

pytest.importorskip("transformers")


@pytest.fixture(scope="class", autouse=True)
def folder(request, tmp_path_factory):
    torch.manual_seed(0)
    request.cls.name = save_esm(tmp_path_factory.mktemp("esm"))


class TestFrozen(SequenceFeaturiserContract):
    is_frozen = True

    def make(self):
        return Pretrained(self.name, "ACGT", is_frozen=self.is_frozen, batch_size=2)

    def test_what_is_learnt_is_said(self):
        featuriser = self.featuriser().train()
        assert {p.requires_grad for p in featuriser.parameters()} == {not self.is_frozen}
        assert featuriser(self.tokens()).requires_grad is not self.is_frozen
        assert not any(module.training for module in featuriser.model.modules())

    def test_features_are_standardised_over_the_training_sequences(self):
        featuriser, tokens = self.featuriser(), self.tokens()
        featuriser.calibrate(lambda: [tokens[:2], tokens[2:]])
        features = featuriser(tokens)
        torch.testing.assert_close(features.mean(0), torch.zeros(16), rtol=0, atol=1e-4)
        torch.testing.assert_close(features.std(0, correction=0), torch.ones(16), rtol=1e-3, atol=1e-3)

    def test_special_tokens_are_left_out_of_the_mean(self):
        """One letter: the mean is the model's own output at the letter's place, after the first special token."""
        featuriser = self.featuriser()
        with torch.no_grad():
            inputs = featuriser._tokenizer(["C"], return_tensors="pt")
            own = featuriser.model(**inputs).last_hidden_state[0, 1]
        torch.testing.assert_close(featuriser(torch.tensor([[1, 4]]))[0], own)


class TestTrained(TestFrozen):
    is_frozen = False
