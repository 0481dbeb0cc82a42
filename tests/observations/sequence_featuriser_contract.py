"""What every featuriser of sequences must do; a test class for one featuriser inherits it."""

import torch

from gde.observations import SequenceFeaturiser

N_LETTERS = 4


class SequenceFeaturiserContract:
    """A featuriser reads each sequence by itself."""

    def make(self) -> SequenceFeaturiser:
        """A new featuriser of sequences of the letters ACGT."""
        raise NotImplementedError

    def featuriser(self) -> SequenceFeaturiser:
        torch.manual_seed(0)
        return self.make()

    def tokens(self) -> torch.Tensor:
        return torch.tensor([[0, 1, 2, 3, 0, 1], [2, 2, 3, 4, 4, 4], [1, 4, 4, 4, 4, 4]])

    def test_features_are_finite_and_differ(self):
        features = self.featuriser()(self.tokens())
        assert features.shape == (3, self.featuriser().n_features) and features.dtype == torch.float32
        assert torch.isfinite(features).all() and torch.pdist(features).min() > 1e-3

    def test_floating_codes_are_read_too(self):
        featuriser = self.featuriser()
        torch.testing.assert_close(featuriser(self.tokens().float()), featuriser(self.tokens()))

    def test_padding_and_other_sequences_change_nothing(self):
        featuriser, tokens = self.featuriser(), self.tokens()
        together = featuriser(tokens)
        torch.testing.assert_close(featuriser(tokens[[1], :3]), together[[1]], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(featuriser(tokens[[1]]), together[[1]], rtol=1e-4, atol=1e-4)
        longer = torch.cat([tokens, torch.full((3, 5), N_LETTERS)], dim=1)
        torch.testing.assert_close(featuriser(longer), together, rtol=1e-4, atol=1e-4)

    def test_the_order_of_letters_counts(self):
        features = self.featuriser()(torch.tensor([[0, 1, 2, 3], [3, 1, 2, 0]]))
        assert (features[0] - features[1]).abs().max() > 1e-4

    def test_a_gradient_reaches_what_is_learnt(self):
        featuriser = self.featuriser().train()
        learnt = [parameter for parameter in featuriser.parameters() if parameter.requires_grad]
        if learnt:
            featuriser(self.tokens()).square().sum().backward()
            assert any(p.grad is not None and (p.grad != 0).any() for p in learnt)
