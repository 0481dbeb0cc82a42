"""What every set encoder must do; a test class for one encoder inherits it."""

from dataclasses import replace

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gde.encoders import SetEncoder, embed_chunks, embed_with_covariance, total_derivatives, unit_influence
from gde.nn import SetBatch

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}
seeds = st.integers(0, 2**32 - 1)
sizes = st.lists(st.integers(1, 9), min_size=1, max_size=5)
dtypes = st.sampled_from(list(TOLERANCE))
modes = st.booleans()
few = settings(max_examples=25)


def make_batch(sizes: list[int], n_features: int, dtype: torch.dtype) -> SetBatch:
    """Sets of random units around different centres, with random weights."""
    set_of_unit = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    units = torch.randn(len(set_of_unit), n_features) + torch.randn(len(sizes), n_features)[set_of_unit]
    return SetBatch(units.to(dtype), set_of_unit, (torch.rand(len(units)) + 0.1).to(dtype), len(sizes))


def take(batch: SetBatch, rows: torch.Tensor, weight: torch.Tensor | None = None) -> SetBatch:
    """The batch with these rows, which keep their sets."""
    weight = batch.weight[rows] if weight is None else weight
    return SetBatch(batch.units[rows], batch.set_of_unit[rows], weight, batch.n_sets)


def assert_same(actual: torch.Tensor, expected: torch.Tensor) -> None:
    tolerance = TOLERANCE[expected.dtype]
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def influence(encoder: SetEncoder, batch: SetBatch) -> torch.Tensor:
    """Influence of each unit, shape (n_units, n_latent), from the adjoint driver."""
    return unit_influence(encoder, batch, *total_derivatives(encoder, lambda: [batch], batch.n_sets))


def random_chunks(batch: SetBatch, cuts: list[int]) -> list[SetBatch]:
    """The units in random order, cut into chunks."""
    rows = torch.tensor_split(torch.randperm(batch.n_units), sorted(cuts))
    return [take(batch, part) for part in rows if len(part)]


class SetEncoderContract:
    """An embedding depends on the weighted empirical measure of its set, and on nothing else."""

    n_features = 3
    n_latent = 4

    def make(self) -> SetEncoder:
        """A new encoder with ``n_features`` and ``n_latent``."""
        raise NotImplementedError

    def encoder_and_batch(self, seed, sizes, dtype, training=False) -> tuple[SetEncoder, SetBatch]:
        torch.manual_seed(seed)
        return self.make().to(dtype).train(training), make_batch(sizes, self.n_features, dtype)

    @few
    @given(seeds, sizes, dtypes)
    def test_shape_and_dtype(self, seed, sizes, dtype):
        encoder, batch = self.encoder_and_batch(seed, sizes, dtype)
        z = encoder(batch)
        assert (encoder.n_features, encoder.n_latent) == (self.n_features, self.n_latent)
        assert z.shape == (len(sizes), self.n_latent)
        assert z.dtype == dtype and torch.isfinite(z).all()

    def test_different_sets_have_different_embeddings(self):
        encoder, batch = self.encoder_and_batch(0, [9, 9, 9], torch.float64)
        assert torch.pdist(encoder(batch)).min() > 1e-4

    @few
    @given(seeds, sizes, dtypes, modes)
    def test_order_of_units_does_not_matter(self, seed, sizes, dtype, training):
        encoder, batch = self.encoder_and_batch(seed, sizes, dtype, training)
        order = torch.randperm(batch.n_units)
        order = order[torch.argsort(batch.set_of_unit[order], stable=True)]
        assert_same(encoder(take(batch, order)), encoder(batch))

    @few
    @given(seeds, sizes, dtypes, modes, st.integers(2, 6))
    def test_replicating_all_units_does_not_matter(self, seed, sizes, dtype, training, n_copies):
        encoder, batch = self.encoder_and_batch(seed, sizes, dtype, training)
        rows = torch.arange(batch.n_units).repeat_interleave(n_copies)
        assert_same(encoder(take(batch, rows)), encoder(batch))

    @few
    @given(seeds, sizes, dtypes, st.floats(0.01, 100))
    def test_only_ratios_of_weights_matter(self, seed, sizes, dtype, scale):
        encoder, batch = self.encoder_and_batch(seed, sizes, dtype)
        scaled = take(batch, torch.arange(batch.n_units), scale * batch.weight)
        assert_same(encoder(scaled), encoder(batch))

    @few
    @given(seeds, sizes, dtypes, st.data())
    def test_a_weight_is_a_multiplicity(self, seed, sizes, dtype, data):
        encoder, batch = self.encoder_and_batch(seed, sizes, dtype)
        n = batch.n_units
        copies = torch.tensor(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)))
        copies[batch.set_of_unit.diff(prepend=torch.tensor([-1])) > 0] += 1  # each set keeps a unit
        rows = torch.arange(n).repeat_interleave(copies)
        repeated = take(batch, rows, torch.ones(len(rows), dtype=dtype))
        weighted = take(batch, torch.arange(n), copies.to(dtype))
        assert_same(encoder(weighted), encoder(repeated))

    @few
    @given(seeds, sizes, dtypes, modes)
    def test_other_sets_of_the_batch_do_not_matter(self, seed, sizes, dtype, training):
        encoder, batch = self.encoder_and_batch(seed, sizes, dtype, training)
        together = encoder(batch)
        for s in range(len(sizes)):
            rows = batch.set_of_unit == s
            alone = SetBatch(batch.units[rows], torch.zeros(sizes[s], dtype=torch.long), batch.weight[rows], 1)
            assert_same(encoder(alone)[0], together[s])

    @few
    @given(seeds, sizes, dtypes, st.data())
    def test_streams_over_any_chunks(self, seed, sizes, dtype, data):
        encoder, batch = self.encoder_and_batch(seed, sizes, dtype)
        chunks = random_chunks(batch, data.draw(st.lists(st.integers(0, batch.n_units), max_size=6)))
        assert_same(embed_chunks(encoder, lambda: chunks, batch.n_sets), encoder(batch).detach())

    @few
    @given(seeds, sizes, dtypes)
    def test_gradient_is_finite(self, seed, sizes, dtype):
        encoder, batch = self.encoder_and_batch(seed, [*sizes, 1, 3], dtype, training=True)
        batch.units[-3:] = batch.units[-1]  # units that coincide
        units, weight = batch.units.requires_grad_(), batch.weight.requires_grad_()
        encoder(batch).square().sum().backward()
        for tensor in (units, weight, *encoder.parameters()):
            assert tensor.grad is None or torch.isfinite(tensor.grad).all()
        assert (units.grad != 0).any()

    @few
    @given(seeds, sizes, dtypes)
    def test_a_set_without_units_is_harmless(self, seed, sizes, dtype):
        encoder, batch = self.encoder_and_batch(seed, sizes, dtype, training=True)
        expected = encoder(batch)
        z = encoder(replace(batch, n_sets=len(sizes) + 1))
        assert torch.isfinite(z).all()
        assert_same(z[:-1], expected)
        parameters = list(encoder.parameters())
        gradients = torch.autograd.grad(z[:-1].sum(), parameters) if parameters else []
        assert all(torch.isfinite(gradient).all() for gradient in gradients)

    @few
    @given(seeds, sizes)
    def test_influence_is_the_derivative_in_the_weights(self, seed, sizes):
        encoder, batch = self.encoder_and_batch(seed, sizes, torch.float64)
        z = encoder(take(batch, torch.arange(batch.n_units), weight := batch.weight.clone().requires_grad_()))
        gradient = [torch.autograd.grad(z[:, c].sum(), weight, retain_graph=True)[0] for c in range(self.n_latent)]
        total = torch.zeros(batch.n_sets).double().index_add(0, batch.set_of_unit, batch.weight)
        actual = influence(encoder, batch)
        assert_same(actual, torch.stack(gradient, dim=1) * total[batch.set_of_unit, None])
        weighted = torch.zeros(batch.n_sets, self.n_latent).double()
        assert_same(weighted.index_add(0, batch.set_of_unit, batch.weight[:, None] * actual), 0 * weighted)

    @few
    @given(seeds, sizes, st.integers(2, 6))
    def test_influence_does_not_know_weight_from_multiplicity(self, seed, sizes, n_copies):
        encoder, batch = self.encoder_and_batch(seed, sizes, torch.float64)
        copies = torch.randint(1, n_copies, (batch.n_units,))
        rows = torch.arange(batch.n_units).repeat_interleave(copies)
        repeated = influence(encoder, take(batch, rows, torch.ones(len(rows)).double()))
        weighted = influence(encoder, take(batch, torch.arange(batch.n_units), copies.double()))
        assert_same(weighted[rows], repeated)

    @few
    @given(seeds, sizes, st.data())
    def test_covariance_is_that_of_the_influences_over_any_chunks(self, seed, sizes, data):
        encoder, batch = self.encoder_and_batch(seed, sizes, torch.float64)
        chunks = random_chunks(batch, data.draw(st.lists(st.integers(0, batch.n_units), max_size=6)))
        z, covariance = embed_with_covariance(encoder, lambda: chunks, batch.n_sets)
        assert_same(z, encoder(batch).detach())
        of_unit = influence(encoder, batch)
        for s, size in enumerate(sizes):
            own = batch.set_of_unit == s
            share = batch.weight[own] / batch.weight[own].sum()
            moved = share[:, None] * of_unit[own]
            if size == 1:
                assert covariance[s].isnan().all()
            else:
                assert_same(covariance[s], moved.T @ moved / (1 - share.square().sum()))

    def test_covariance_is_that_of_sets_drawn_again(self):
        n_sets, size = 1000, 200
        encoder, _ = self.encoder_and_batch(0, [2], torch.float64)
        units = torch.rand(n_sets * size, self.n_features).exp() @ torch.randn(self.n_features, self.n_features)
        set_of_unit = torch.arange(n_sets).repeat_interleave(size)
        batch = SetBatch(units.double(), set_of_unit, torch.ones(n_sets * size).double(), n_sets)
        z, covariance = embed_with_covariance(encoder, lambda: [batch], n_sets)
        difference = covariance.mean(0) - torch.cov(z.T)
        assert difference.norm() < 0.15 * torch.cov(z.T).norm()  # 1,000 sets leave an error of 0.05
