import pytest
import torch
from scvi import REGISTRY_KEYS

from gde.encoders import DeepSets, SetEncoder, embed_chunks
from gde.generators import CVAE, FlowMatching, Generator
from gde.module import GDEModule, LabelHead, isometry_loss
from gde.nn import Covariates, CovariateSizes, SetNoise, segment_mean
from gde.observations import Counts, Observation

SIZES = [3, 1, 4]


class Plain(Observation):
    """A unit is its feature and its vector; its terms are simple functions of it."""

    n_features = n_vectors = 1

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(()))

    def calibrate(self, chunks):
        self.seen = torch.cat(list(chunks()))

    def featurise(self, x, observed=None):
        return x

    def score(self, x, features, z, set_of_unit, covariates, noise):
        return self.scale * x, {"reconstruction": 100 * x[:, 0], "kl": 10 * x[:, 0] ** 2, "library": 1 + 0 * x[:, 0]}

    def sample(self, vectors, z, set_of_unit, covariates, noise, **kwargs):
        return vectors + kwargs["shift"]


class Mean(SetEncoder):
    """The embedding is the mean."""

    def features(self, units, means, set_of_unit):
        return units

    def head(self, means):
        return means[0]


class Squared(Generator):
    """A unit should be near its embedding, where it is also generated."""

    kl_weight = 0.5

    def loss(self, vectors, z, set_of_unit, weight, covariates, noise):
        return segment_mean((vectors - z[set_of_unit]) ** 2, set_of_unit, weight, len(z)).squeeze(1)

    def sample(self, z, set_of_unit, covariates, noise):
        return z[set_of_unit]


def _tensors(x, sizes, weight=None):
    set_of_unit = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    weight = (1 / torch.tensor(sizes))[set_of_unit] if weight is None else weight
    return {
        REGISTRY_KEYS.X_KEY: x,
        REGISTRY_KEYS.BATCH_KEY: torch.zeros(len(x), 1),
        "set_of_unit": set_of_unit,
        "weight": weight,
        "label": torch.arange(len(sizes)),
        "set_seeds": tuple(range(10, 10 + len(sizes))),
        "set_sizes": tuple(sizes),
    }


@pytest.fixture
def plain():
    return GDEModule(Plain(), Mean(1, 1), Squared(1, 1))


X = torch.tensor([1.0, 3, 8, 5, 0, 2, 4, 10])[:, None]


def test_each_half_is_explained_by_the_other_s_embedding_and_a_single_unit_by_itself(plain):
    inference, _, _ = plain(_tensors(X, SIZES))
    z = inference["z"][inference["halves"].set_of_unit].squeeze(1)
    # Halves of the first set: (1, 3) and (8); of the second: (5); of the third: (0, 2) and (4, 10).
    assert z.tolist() == [8, 8, 2, 5, 7, 7, 1, 1]


@pytest.mark.parametrize(
    ("scoring", "expected"),
    [
        ("same_units", [2, 2, 8, 5, 1, 1, 7, 7]),
        ("both", [8, 8, 2, 5, 7, 7, 1, 1]),
        ("other_half", [8, 8, 2, 5, 7, 7, 1, 1]),
    ],
)
def test_scoring_says_which_half_s_embedding_explains_a_half(scoring, expected):
    module = GDEModule(Plain(), Mean(1, 1), Squared(1, 1), scoring=scoring)
    inference, _, _ = module(_tensors(X, SIZES))
    assert inference["z"][inference["halves"].set_of_unit].squeeze(1).tolist() == expected


def test_generators_read_embeddings_as_the_encoder_conditions_them():
    class Tenth(Mean):
        def head(self, means):
            return means[0] / 10

        def condition(self, z):
            return 10 * z

    tensors = _tensors(X, SIZES)
    module, plain = GDEModule(Plain(), Tenth(1, 1), Squared(1, 1)), GDEModule(Plain(), Mean(1, 1), Squared(1, 1))
    torch.testing.assert_close(module(tensors)[2].loss, plain(tensors)[2].loss)
    none, noise = Covariates(torch.zeros(1, 0, dtype=torch.long), torch.zeros(1, 0)), SetNoise([0], [1], "cpu")
    assert module.sample(torch.tensor([[0.5]]), torch.tensor([0]), none, noise, shift=1).item() == 6


def test_both_is_the_mean_of_the_two_scorings_over_sets_of_either_number():
    tensors = _tensors(torch.cat([X[:3], X[:3]]), [3, 3])  # the same set with an even and with an odd number
    loss = {
        scoring: GDEModule(Plain(), Mean(1, 1), Squared(1, 1), scoring=scoring)(tensors)[2].loss
        for scoring in ("other_half", "same_units", "both")
    }
    torch.testing.assert_close(loss["both"], (loss["other_half"] + loss["same_units"]) / 2)
    assert loss["same_units"] < loss["other_half"]


def test_an_unknown_scoring_is_refused():
    with pytest.raises(ValueError, match="`scoring` must be one of 'other_half', 'same_units', 'both', got 'none'"):
        GDEModule(Plain(), Mean(1, 1), Squared(1, 1), scoring="none")


def test_noise_is_added_to_embeddings_in_training_alone_and_is_a_function_of_the_set(plain):
    exact = plain.eval()(_tensors(X, SIZES))[0]["z"]
    plain.encoder.noise_sd = 0.5
    torch.testing.assert_close(plain(_tensors(X, SIZES))[0]["z"], exact)
    noisy, again = (plain.train()(_tensors(X, SIZES))[0]["z"] for _ in range(2))
    torch.testing.assert_close(noisy, again)
    assert ((noisy - exact).abs() > 1e-3).all()
    many = plain(_tensors(X[:1].expand(3000, 1), [1] * 3000))[0]["z"] - X[0]
    assert many.std().item() == pytest.approx(0.5, rel=0.1)


def test_features_are_dropped_before_the_set_encoder_in_training_alone_and_nowhere_else(plain):
    x = torch.ones(2000, 1)
    plain.observation.feature_dropout = 0.5
    assert (plain.eval()(_tensors(x, [2000]))[0]["z"] == 1).all()
    inference, generative, _ = plain.train()(_tensors(x, [2000]))
    assert (inference["z"] != 1).all() and inference["z"].mean().item() == pytest.approx(1, abs=0.1)
    assert (inference["halves"].units == 1).all()
    assert (generative["terms"]["reconstruction"] == 100).all()


def test_loss_is_the_one_computed_by_hand(plain):
    _, _, output = plain(_tensors(X, SIZES), loss_kwargs={"kl_weight": 0.1})
    reconstruction = 100 * (4 + 5 + 4) / 3
    kl = 10 * ((1 + 9 + 64) / 3 + 25 + (0 + 4 + 16 + 100) / 4) / 3
    generator = ((49 + 25 + 36) / 3 + 0 + (49 + 25 + 9 + 81) / 4) / 3
    assert output.loss.item() == pytest.approx(reconstruction + 0.5 * 0.1 * kl + generator + 1)
    assert output.extra_metrics["generator_loss"].item() == pytest.approx(generator)
    assert output.extra_metrics["library_loss"].item() == pytest.approx(1)
    # scvi-tools divides its sums by the number of units.
    assert output.n_obs_minibatch == 8
    assert output.reconstruction_loss_sum.item() / 8 == pytest.approx(reconstruction)
    assert output.kl_local_sum.item() / 8 == pytest.approx(kl)


def test_loss_with_weights_is_the_one_computed_by_hand(plain):
    x, weight = torch.tensor([[1.0], [3], [8]]), torch.tensor([1.0, 3.0, 4.0])
    _, _, output = plain(_tensors(x, [3], weight), loss_kwargs={"kl_weight": 0.0})
    # Halves (1, 3) with mean 2.5, and (8).
    generator = (1 * 49 + 3 * 25 + 4 * 5.5**2) / 8
    assert output.loss.item() == pytest.approx(100 * (1 + 9 + 32) / 8 + generator + 1)


def test_sets_count_equally_whatever_their_number_of_units_and_scale_of_weights(plain):
    loss = plain(_tensors(X, SIZES))[2].loss
    each = [plain(_tensors(x, [size]))[2].loss for x, size in zip(X.split(SIZES), SIZES, strict=True)]
    torch.testing.assert_close(loss, torch.stack(each).mean())
    scale = torch.tensor([1.0, 1, 1, 7, 3, 3, 3, 3])
    torch.testing.assert_close(plain(_tensors(X, SIZES, scale))[2].loss, loss)


def test_latent_vectors_get_no_gradient_from_the_generator(plain):
    _, generative, _ = plain(_tensors(X, SIZES))
    assert not generative["generator_loss"].requires_grad


def test_isometry_is_a_term_of_exact_embeddings_and_seen_vectors_if_it_has_a_weight(plain):
    without = plain(_tensors(X, SIZES))[2]
    assert "isometry_loss" not in without.extra_metrics
    plain.isometry_weight = 2.0
    plain.encoder.noise_sd = 0.5
    inference, _, output = plain.train()(_tensors(X, SIZES))
    halves, z = inference["halves"], torch.tensor([8.0, 2, 5, 5, 7, 1])[:, None]
    torch.testing.assert_close(inference["exact_z"][[0, 1, 2, 4, 5]], z[[0, 1, 2, 4, 5]])
    expected = isometry_loss(z, halves)
    torch.testing.assert_close(output.extra_metrics["isometry_loss"], expected)
    plain.isometry_weight = 0.0
    torch.testing.assert_close(output.loss - plain(_tensors(X, SIZES))[2].loss, 2 * expected, rtol=1e-3, atol=1e-3)


def test_weight_of_the_divergence_is_the_generator_s_unless_given():
    assert GDEModule(Plain(), Mean(1, 1), Squared(1, 1)).kl_weight == 0.5
    assert GDEModule(Plain(), Mean(1, 1), Squared(1, 1), kl_weight=0.0).kl_weight == 0


def test_sample_goes_through_generator_and_observation(plain):
    z, set_of_unit = torch.tensor([[1.0], [5.0]]), torch.tensor([0, 1, 1])
    covariates = Covariates(torch.zeros(3, 1, dtype=torch.long), torch.zeros(3, 0))
    units = plain.sample(z, set_of_unit, covariates, SetNoise([0, 1], [1, 2], "cpu"), shift=2)
    assert units.tolist() == [[3], [7], [7]]


class FixedMean(Mean):
    """The mean, relative to the mean of the groups of training."""

    is_fixed = True

    def calibrate(self, chunks):
        self.shift = embed_chunks(Mean(1, 1), chunks, next(iter(chunks())).n_sets).mean()

    def head(self, means):
        return means[0] - self.shift


def test_a_fixed_encoder_is_calibrated_on_whole_groups_and_reads_fixed_features_without_dropout():
    module = GDEModule(Plain(), FixedMean(1, 1), Squared(1, 1))
    module.observation.fixed_features = lambda x, observed=None: 10 * x
    module.observation.feature_dropout = 0.5
    # The first group is 1, 3, 8 and 5, in two chunks; the second is 0 and 2.
    chunks = [
        _tensors(x, [3]) | {"members": (torch.arange(3), torch.tensor(group), torch.ones(3)), "n_labels": 2}
        for x, group in ((X[:3], [0, 0, 0]), (X[3:6], [0, 1, 1]))
    ]
    module.calibrate(lambda: chunks)
    assert module.encoder.shift == 10 * (17 / 4 + 1) / 2
    inference, generative, _ = module.train()(_tensors(X, SIZES))
    assert (inference["z"].flatten() + module.encoder.shift).tolist() == [80, 20, 50, 50, 70, 10]
    assert inference["halves"].units.tolist() == X.tolist(), "the observation scores its own features"


def test_covariates_are_batch_then_categories_and_standardised_values():
    sizes = CovariateSizes(n_categories=(2, 3), n_continuous=2)
    module = GDEModule(Plain(), Mean(1, 1), Squared(1, 1), covariates=sizes)
    values = torch.tensor([[1.0, 50.0], [3.0, 50.0], [5.0, 50.0], [7.0, 50.0]])
    tensors = _tensors(X[:4], [4]) | {
        REGISTRY_KEYS.BATCH_KEY: torch.tensor([[0.0], [1], [1], [0]]),
        REGISTRY_KEYS.CAT_COVS_KEY: torch.tensor([[2.0], [0], [1], [2]]),
        REGISTRY_KEYS.CONT_COVS_KEY: values,
    }
    halves = [
        {key: value[rows] for key, value in tensors.items() if torch.is_tensor(value) and len(value) == 4}
        for rows in (slice(0, 1), slice(1, 4))
    ]
    module.calibrate(lambda: halves)
    assert module.observation.seen.tolist() == X[:4].tolist()
    covariates = module.covariates(tensors)
    assert covariates.categorical.tolist() == [[0, 2], [1, 0], [1, 1], [0, 2]]
    torch.testing.assert_close(covariates.continuous[:, 0], (values[:, 0] - 4) / 5**0.5)
    assert (covariates.continuous[:, 1] == 0).all(), "a covariate that never changes"


@pytest.fixture(params=[CVAE, FlowMatching])
def counts(request):
    torch.manual_seed(0)
    observation = Counts(6, 2, 3, n_hidden=8)
    return GDEModule(observation, DeepSets(8, 3, n_hidden=8), request.param(2, 3)).train()


@pytest.fixture
def cells():
    torch.manual_seed(1)
    return torch.poisson(torch.rand(8, 6) * 5)


def test_loss_of_counts_is_a_function_of_the_batch_alone(counts, cells):
    first = counts(_tensors(cells.to_sparse_csr(), SIZES))[2].loss
    torch.rand(3)  # the ambient generator plays no part
    assert counts(_tensors(cells.to_sparse_csr(), SIZES))[2].loss == first


def test_loss_of_a_set_of_counts_does_not_depend_on_the_other_sets(counts, cells):
    loss = counts(_tensors(cells.to_sparse_csr(), SIZES))[2].loss
    each = []
    for s, x in enumerate(cells.split(SIZES)):
        tensors = _tensors(x.to_sparse_csr(), [SIZES[s]]) | {"set_seeds": (10 + s,)}
        each.append(counts(tensors)[2].loss)
    torch.testing.assert_close(loss, torch.stack(each).mean())


def test_every_part_gets_a_finite_gradient(counts, cells):
    cells[3] = 0  # a unit without counts, and a set of its own
    counts(_tensors(cells.to_sparse_csr(), SIZES))[2].loss.backward()
    for name, parameter in counts.named_parameters():
        is_read_by_nobody = parameter.grad is None
        assert not is_read_by_nobody, name
        assert torch.isfinite(parameter.grad).all(), name


def _with_batches(x, sizes):
    batch = torch.arange(len(x))[:, None] % 2
    return _tensors(x, sizes) | {REGISTRY_KEYS.BATCH_KEY: batch.float()}


def test_the_encoder_gets_the_covariates_if_asked_to_and_nobody_else_sees_the_shift():
    sizes = CovariateSizes(n_categories=(2,))
    module = GDEModule(Plain(), Mean(1, 1), Squared(1, 1), covariates=sizes, encode_covariates=True)
    with torch.no_grad():
        module.covariate_effect.categorical[0].weight.copy_(torch.tensor([[0.0], [100.0]]))
    x = torch.tensor([[1.0], [2.0]])  # two halves of one unit, in two batches
    inference, generative, _ = module(_with_batches(x, [2]))
    assert inference["exact_z"].flatten().tolist() == [102, 1]
    assert inference["halves"].units.tolist() == x.tolist()
    assert generative["terms"]["reconstruction"].tolist() == [100, 200]
    assert module.featurise(x, covariates=module.covariates(_with_batches(x, [2]))).flatten().tolist() == [1, 102]


def test_in_training_the_encoder_sees_thinned_counts_while_all_counts_are_scored(cells):
    torch.manual_seed(0)
    plain, thinning = (
        GDEModule(Counts(6, 2, 3, n_hidden=8), DeepSets(8, 3, n_hidden=8, noise_sd=0.0), CVAE(2, 3), thinning=rate)
        for rate in (0.0, 0.9)
    )
    thinning.load_state_dict(plain.state_dict())
    for module in (plain, thinning):
        module.observation.feature_dropout = 0.0
    tensors = _tensors(cells.to_sparse_csr(), SIZES)
    (exact, _, _), (same, _, _) = plain.eval()(tensors), thinning.eval()(tensors)
    torch.testing.assert_close(same["z"], exact["z"])
    (whole, _, _), (thinned, _, _), (again, _, _) = plain.train()(tensors), thinning.train()(tensors), thinning(tensors)
    assert ((thinned["z"] - whole["z"]).abs().amax(1) > 1e-3).any()
    torch.testing.assert_close(thinned["z"], again["z"])
    torch.testing.assert_close(thinned["halves"].units, whole["halves"].units)


def test_units_that_are_no_counts_cannot_be_thinned():
    with pytest.raises(ValueError, match="Only counts can be thinned"):
        GDEModule(Plain(), Mean(1, 1), Squared(1, 1), thinning=0.5).train()(_tensors(X, SIZES))


def test_labelled_sets_alone_have_a_loss_of_the_head_and_mixtures_of_them_a_soft_label():
    head = LabelHead(1, 2)
    module = GDEModule(Plain(), Mean(1, 1), Squared(1, 1), head=head, label_weight=3.0)
    without = GDEModule(Plain(), Mean(1, 1), Squared(1, 1))
    label = torch.tensor([0.0, 0, 1, torch.nan, 1, 1, 1, torch.nan])
    tensors = _tensors(X, SIZES) | {"unit_label": label}
    output = module(tensors)[2]
    z = torch.tensor(
        [[8.0], [2.0]]
    )  # what explains the halves of the first set; the second is unlabelled, the third in part
    expected = head.loss(z, torch.tensor([[2 / 3, 1 / 3]]).expand(2, 2)).mean()
    torch.testing.assert_close(output.extra_metrics["label_loss"], expected)
    torch.testing.assert_close(output.loss, without(tensors)[2].loss + 3 * expected)
    output = module(tensors | {"unit_label": torch.full((8,), torch.nan)})[2]
    assert output.extra_metrics["label_loss"] == 0
    torch.testing.assert_close(output.loss, without(tensors)[2].loss)
