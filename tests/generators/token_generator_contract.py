"""What every generator of sequences must do; a test class for one generator inherits it."""

import pytest
import torch

from gde.generators import TokenGenerator
from gde.nn import CovariateSizes, SetNoise
from tests.generators.generator_contract import DEVICES, SIZES, no_covariates, sets

N_LETTERS, LENGTH = 4, 7


def sequences(n: int, seed: int = 0) -> torch.Tensor:
    """Random sequences of 1 to LENGTH letters, filled up with the end."""
    rng = torch.Generator().manual_seed(seed)
    tokens = torch.randint(N_LETTERS, (n, LENGTH), generator=rng)
    lengths = torch.randint(1, LENGTH + 1, (n, 1), generator=rng)
    return torch.where(torch.arange(LENGTH) < lengths, tokens, N_LETTERS)


class TokenGeneratorContract:
    """A generator of sequences is an autoregressive distribution, trained and sampled set by set."""

    n_latent = 3
    n_steps = 60
    lr = 1e-2

    def make(self, n_vectors: int, n_latent: int, covariates: CovariateSizes | None = None) -> TokenGenerator:
        """A new generator of sequences of 4 letters."""
        raise NotImplementedError

    def generator(self) -> TokenGenerator:
        torch.manual_seed(0)
        return self.make(LENGTH, self.n_latent).eval()

    def loss(self, generator, tokens, z, sizes, seeds, weight=None):
        weight = torch.ones(len(tokens)) if weight is None else weight
        noise = SetNoise(seeds, sizes, "cpu")
        return generator.loss(tokens, z, sets(sizes), weight, no_covariates(len(tokens)), noise)

    def sample(self, generator, z, sizes, seeds, device="cpu", **kwargs):
        noise = SetNoise(seeds, sizes, device)
        with torch.inference_mode():
            return generator.sample(z, sets(sizes, device), no_covariates(sum(sizes), device), noise, **kwargs)

    def test_loss_has_a_value_for_each_set_and_a_finite_gradient(self):
        generator = self.generator().train()
        z = torch.randn(3, self.n_latent, requires_grad=True)
        loss = self.loss(generator, sequences(22).float(), z, SIZES, [1, 2, 3])
        assert loss.shape == (3,) and loss.dtype == torch.float32 and torch.isfinite(loss).all()
        learnt = [parameter for parameter in generator.parameters() if parameter.requires_grad]
        gradients = torch.autograd.grad(loss.sum(), [z, *learnt], allow_unused=True, materialize_grads=True)
        assert all(torch.isfinite(gradient).all() for gradient in gradients)
        assert (gradients[0] != 0).all()

    def test_what_embeddings_have_in_common_gets_no_gradient_and_sets_without_units_none_at_all(self):
        generator = self.generator().train()
        z = torch.zeros(3, self.n_latent, requires_grad=True)
        sizes = [5, 0, 17]
        self.loss(generator, sequences(22), z, sizes, [1, 2, 3]).sum().backward()
        assert (z.grad[[0, 2]] != 0).all() and (z.grad[1] == 0).all()
        torch.testing.assert_close(z.grad.sum(0), torch.zeros(self.n_latent), atol=1e-5, rtol=0)

    @pytest.mark.parametrize("training", [True, False])
    def test_loss_of_a_set_does_not_depend_on_the_other_sets(self, training):
        generator = self.generator().train(training)
        tokens, z, seeds = sequences(22), torch.randn(3, self.n_latent), [1, 2, 3]
        tokens[:4, 3:] = N_LETTERS  # a set of short sequences
        together = self.loss(generator, tokens, z, SIZES, seeds)
        for s, own in enumerate(torch.split(tokens, SIZES)):
            alone = self.loss(generator, own, z[[s]], [SIZES[s]], [seeds[s]])
            torch.testing.assert_close(alone[0], together[s])

    def test_weights_of_a_set_are_relative_and_a_unit_of_no_weight_does_not_count(self):
        generator, z = self.generator(), torch.randn(3, self.n_latent)
        tokens, weight = sequences(22), torch.rand(22)
        weight[[0, 10]] = 0
        loss = self.loss(generator, tokens, z, SIZES, [1, 2, 3], weight)
        torch.testing.assert_close(self.loss(generator, tokens, z, SIZES, [1, 2, 3], 7 * weight), loss)
        tokens[[0, 10]] = sequences(2, seed=9)
        torch.testing.assert_close(self.loss(generator, tokens, z, SIZES, [1, 2, 3], weight), loss)
        assert (self.loss(generator, tokens, z, SIZES, [1, 2, 3])[[0, 2]] != loss[[0, 2]]).all()

    def test_the_loss_is_a_likelihood_and_padding_is_not_scored(self):
        """Over all sequences of up to two letters the likelihood sums to one, but for what the empty sequence takes."""
        torch.manual_seed(0)
        generator, z = self.make(2, self.n_latent).eval(), torch.randn(1, self.n_latent)
        one = torch.tensor([[letter, N_LETTERS] for letter in range(N_LETTERS)])
        two = torch.cartesian_prod(torch.arange(N_LETTERS), torch.arange(N_LETTERS))
        empty = torch.full((1, 2), N_LETTERS)
        every = torch.cat([one, two, empty])
        nats = torch.stack([self.loss(generator, row[None], z, [1], [1])[0] for row in every])
        torch.testing.assert_close(torch.exp(-nats).sum(), torch.tensor(1.0))

    @pytest.mark.parametrize("device", DEVICES)
    def test_sample_has_sequences_that_end_once(self, device):
        z = torch.randn(3, self.n_latent, device=device)
        tokens = self.sample(self.generator().to(device), z, SIZES, [1, 2, 3], device)
        assert tokens.shape == (22, LENGTH) and tokens.dtype == torch.long and tokens.device.type == device
        assert ((tokens >= 0) & (tokens <= N_LETTERS)).all() and (tokens[:, 0] < N_LETTERS).all()
        is_end = tokens == N_LETTERS
        assert (is_end[:, 1:] >= is_end[:, :-1]).all()

    def test_sample_is_a_function_of_the_sets_seeds_and_not_of_the_other_sets(self):
        generator, z = self.generator(), torch.randn(3, self.n_latent)
        first = self.sample(generator, z, SIZES, [1, 2, 3])
        changed = self.sample(generator, z, SIZES, [1, 9, 3])
        is_other = sets(SIZES) == 1
        assert (changed[is_other] != first[is_other]).any()
        assert (changed[~is_other] == first[~is_other]).all()
        alone = self.sample(generator, z[[2]], [17], [3])
        assert (alone == first[sets(SIZES) == 2]).all()

    def test_letter_by_letter_gives_the_logits_of_all_places_at_once(self):
        generator, tokens = self.generator(), torch.randint(N_LETTERS, (5, LENGTH))
        with torch.no_grad():
            context = generator.read_context(torch.randn(1, self.n_latent), sets([5]), no_covariates(5))
            at_once = generator.logits(tokens[:, :-1], context)
            letter, state, places = None, None, []
            for place in range(LENGTH):
                logits, state = generator.next_logits(letter, context, state)
                letter = tokens[:, place]
                places.append(logits)
        assert at_once.shape == (5, LENGTH, N_LETTERS + 1)
        torch.testing.assert_close(torch.stack(places, dim=1), at_once, rtol=1e-4, atol=1e-4)

    def test_a_low_temperature_leaves_the_likeliest_letters(self):
        generator, z = self.generator(), torch.randn(1, self.n_latent)
        cold = self.sample(generator, z, [20], [1], temperature=1e-4)
        assert (cold == cold[0]).all()
        assert len(torch.unique(self.sample(generator, z, [20], [1]), dim=0)) > 5

    def test_learns_letters_and_lengths_that_depend_on_the_embedding(self):
        """Group s has the letter s alone, one time more than s."""
        torch.manual_seed(0)
        generator, z = self.make(LENGTH, self.n_latent).train(), 3 * torch.eye(3)
        tokens = torch.stack([torch.where(torch.arange(LENGTH) < s + 1, s, N_LETTERS) for s in range(3)])
        optimiser = torch.optim.AdamW([p for p in generator.parameters() if p.requires_grad], lr=self.lr)
        for step in range(self.n_steps):
            loss = self.loss(generator, tokens.repeat_interleave(4, 0), z, [4] * 3, [step, step + 1, step + 2]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        drawn = self.sample(generator.eval(), z, [20] * 3, [1, 2, 3])
        assert (drawn == tokens.repeat_interleave(20, 0)).all(1).float().mean() > 0.8
