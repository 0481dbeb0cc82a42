"""Losses in float64 against the same written out with numpy, scipy, POT or torch.distributions."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import cdist
from scipy.special import expit, log_softmax, logsumexp

from gde import observations
from gde.generators import Autoregressive, LanguageModel
from gde.module import LabelHead, isometry_loss
from gde.nn import CovariateSizes, SetBatch
from tests.generators.generator_contract import no_covariates
from tests.numerics.losses import SETS, SIZES, NoiseIn, inputs, loss_of
from tests.observations.count_likelihood_contract import to_csr
from tests.pretrained import save_causal_lm

WEIGHT = torch.tensor([1.0, 2, 3, 4, 5, 2, 1, 1], dtype=torch.float64)
PLACES = [np.flatnonzero(SETS == s) for s in range(len(SIZES))]
SEQUENCES = torch.tensor([[0, 1, 2, 0], [1, 3, 3, 3], [2, 2, 3, 3], [0, 0, 0, 3], [1, 2, 1, 2], [2, 3, 3, 3], [0, 1, 3, 3], [1, 1, 1, 1]])  # fmt: skip
SHARES = [(WEIGHT[place] / WEIGHT[place].sum()).numpy() for place in PLACES]


def _values(found):
    """Values of a tensor, which must be in double precision."""
    assert found.dtype == torch.float64
    return found.detach().numpy()


def _near(expected):
    return pytest.approx(np.asarray(expected), rel=1e-7, abs=1e-9)


def _mean(values):
    """Weighted mean of each set."""
    return [share @ np.asarray(values)[place] for place, share in zip(PLACES, SHARES, strict=True)]


def _one_by_one(field, vectors, time, z):
    """A field's velocities, each unit for itself."""
    none, first = no_covariates(1), torch.zeros(1, dtype=torch.long)
    rows = [field(vectors[[i]], time[[i]], field.context(z[[s]], first, none)) for i, s in enumerate(SETS.tolist())]
    return torch.cat(rows)


def _flow_matching(generator, vectors, z):
    noise = NoiseIn(torch.float64)
    start, time = noise.normal(2), noise.uniform(1)
    velocity = _one_by_one(generator.field, (1 - time) * start + time * vectors, time[:, 0], z)
    return _mean(((velocity - (vectors - start)) ** 2).sum(1))


def _diffusion(generator, vectors, z):
    noise = NoiseIn(torch.float64)
    start, step = noise.normal(2), (noise.uniform(1)[:, 0] * 1000).long()
    root = np.sqrt(np.cumprod(1 - np.linspace(1e-4**0.5, 0.02**0.5, 1000) ** 2))
    root = (root - root[-1]) * root[0] / (root[0] - root[-1])  # ends in pure noise: Lin et al. 2024, algorithm 1
    np.testing.assert_allclose(generator.signal.sqrt(), root, atol=1e-6)  # the schedule is kept in float32
    a, s = generator.signal[step, None].sqrt(), (1 - generator.signal[step, None]).sqrt()
    velocity = _one_by_one(generator.field, a * vectors + s * start, step.double() / 1000, z)
    return _mean(((velocity - (a * start - s * vectors)) ** 2).sum(1))


def _normalizing_flow(generator, vectors, z):
    """By the change of variables, with a Jacobian of automatic differentiation."""
    values = []
    for row, s in zip(vectors, SETS.tolist(), strict=True):
        context = generator.context(z[[s]], torch.zeros(1, dtype=torch.long), no_covariates(1))[0]
        to_noise = generator.flow(context).transform
        jacobian = torch.autograd.functional.jacobian(to_noise, row)
        values.append(-stats.norm.logpdf(to_noise(row)).sum() - np.linalg.slogdet(jacobian)[1])
    return _mean(values)


def _implicit(distance):
    """D(X, Y) + D(X, Y') - D(Y, Y') of each set, for a distance of (x, y, share, directions)."""

    def expected(generator, vectors, z):
        noise = NoiseIn(torch.float64)
        y, other = (_one_by_one(_WithoutTime(generator.network), noise.normal(2), SETS, z).numpy() for _ in range(2))
        directions, x, values = noise.normal(2).numpy(), vectors.numpy(), []
        for place, share in zip(PLACES, SHARES, strict=True):
            pairs = ((x, y, 1), (x, other, 1), (y, other, -1))
            values.append(sum(k * distance(a[place], b[place], share, directions[place]) for a, b, k in pairs))
        return values

    return expected


class _WithoutTime:
    """A network with the arguments of a field."""

    def __init__(self, network):
        self.context, self.network = network.context, network

    def __call__(self, vectors, time, context):
        return self.network(vectors, context)


def _transport(x, a, y, b):
    """T of `gde.nn.sinkhorn`: five symmetric steps down to the blur, and one at it."""
    scale, cost = x.shape[1] ** 0.5, cdist(x, y, "sqeuclidean") / 2
    blurs = scale * np.array([2, 2, 2 * 0.3, 2 * 0.3**2, 0.1])

    def soft(eps, cost, potential, weight):
        return -eps * logsumexp((potential - cost) / eps, axis=1, b=weight)

    f, g = soft(blurs[0] ** 2, cost, np.zeros(len(y)), b), soft(blurs[0] ** 2, cost.T, np.zeros(len(x)), a)
    for eps in blurs**2:
        f, g = (f + soft(eps, cost, g, b)) / 2, (g + soft(eps, cost.T, f, a)) / 2
    return 2 * (a @ soft(eps, cost, g, b) + b @ soft(eps, cost.T, f, a))


def _divergence(x, a, y, b):
    return _transport(x, a, y, b) - (_transport(x, a, x, a) + _transport(y, b, y, b)) / 2


def _wormhole(generator, vectors, z):
    clouds, share = generator.cloud(z).reshape(2, -1, 2).numpy(), np.full(128, 1 / 128)
    return [_divergence(vectors[p].numpy(), a, c, share) for p, a, c in zip(PLACES, SHARES, clouds, strict=True)]


def _sliced(x, y, share, directions):
    ot = pytest.importorskip("ot")
    projections = (directions / np.linalg.norm(directions, axis=1, keepdims=True)).T
    return 2**0.5 * ot.sliced_wasserstein_distance(x, y, share, share, projections=projections)


LOSSES = {
    "cvae": lambda generator, vectors, z: [0, 0],
    "flow_matching": _flow_matching,
    "diffusion": _diffusion,
    "normalizing_flow": _normalizing_flow,
    "mmd": _implicit(lambda x, y, share, _: share @ cdist(x, y) @ share),
    "sinkhorn": _implicit(lambda x, y, share, _: _transport(x, share, y, share) ** 0.5),
    "sliced_wasserstein": _implicit(_sliced),
    "wormhole": _wormhole,
}


@pytest.mark.parametrize("name", LOSSES)
@torch.no_grad()
def test_loss_of_a_generator_of_vectors(name):
    generator, vectors, z = inputs(name)
    generator, vectors, z = generator.double(), vectors.double(), z.double()
    assert _values(loss_of(generator, vectors, z, WEIGHT)) == _near(LOSSES[name](generator, vectors, z))


@torch.no_grad()
def test_loss_of_sequences_is_the_sum_over_letters_and_the_end():
    torch.manual_seed(0)
    generator, z = Autoregressive(4, 3, n_letters=3, n_hidden=8, n_heads=2).double().eval(), torch.randn(2, 3).double()
    torch.nn.init.normal_(generator.output[1].weight)
    context, nats = generator.read_context(z, SETS, no_covariates(8)), []
    for row, own in zip(SEQUENCES, context, strict=True):
        letter, state, total = None, None, 0.0
        for code in row[: row.tolist().index(3) + 1 if 3 in row else 4]:
            logits, state = generator.next_logits(letter, own[None], state)
            letter, total = code[None], total - log_softmax(logits[0].numpy())[code]
        nats.append(total)
    assert _values(loss_of(generator, SEQUENCES.double(), z, WEIGHT)) == _near(_mean(nats))


@torch.no_grad()
def test_loss_of_a_language_model_is_that_of_its_own_logits_after_the_prefix(tmp_path):
    pytest.importorskip("transformers")
    torch.manual_seed(0)
    name = save_causal_lm(tmp_path, "ACG")
    generator, z = LanguageModel(4, 3, name=name, letters="GAC", n_prefix=2).double().eval(), torch.randn(2, 3).double()
    network = generator.model
    torch.nn.init.normal_(network.lm_head.weight)  # is that of the letters read, too: GPT-2 ties them
    prefix = (z @ generator.context.embedding.weight.T).reshape(2, 2, 16)
    token_of = [4, 2, 3, 1]  # of G, A, C and the end, in a vocabulary of [UNK], [END], A, C, G
    nats = []
    for codes, s in zip(SEQUENCES.tolist(), SETS.tolist(), strict=True):
        codes = codes[: codes.index(3) + 1] if 3 in codes else codes
        read = network.get_input_embeddings()(torch.tensor([token_of[code] for code in codes]))
        logits = network(inputs_embeds=torch.cat([prefix[s], read])[None]).logits[0].numpy()[:, token_of]
        # the last vector of the prefix is followed by the first letter
        nats.append(-sum(log_softmax(logits[1 + place])[code] for place, code in enumerate(codes)))
    assert _values(loss_of(generator, SEQUENCES.double(), z, WEIGHT)) == _near(_mean(nats))


def test_isometry():
    torch.manual_seed(0)
    units, z = torch.randn(8, 2).double(), torch.randn(4, 3).double()
    halves = torch.tensor([0, 0, 0, 1, 1, 2, 2, 3])
    x = [units[halves == h].numpy() for h in range(4)]
    share = [(WEIGHT[halves == h] / WEIGHT[halves == h].sum()).numpy() for h in range(4)]
    w = np.sqrt([_divergence(x[h], share[h], x[h - 2], share[h - 2]) for h in range(4)])
    d = (z - z.roll(-2, 0)).norm(dim=1).numpy()
    best = minimize_scalar(lambda c: np.square(w - c * d).sum()).fun / np.square(w).sum()
    assert _values(isometry_loss(z, SetBatch(units, halves, WEIGHT, 4))) == _near(best)


@torch.no_grad()
def test_label_head_of_classes_and_of_a_number():
    torch.manual_seed(0)
    z, labels = torch.randn(6, 3).double(), torch.tensor([0.0, 0, 0, 1, 2, 2]).double()
    head = LabelHead(3, 3).double()
    head.calibrate(labels)
    found = log_softmax(head.linear(z).numpy(), axis=1)[range(6), labels.long()]
    assert _values(head.loss(z, head.targets(labels))) == _near(-found * np.array([2, 2, 2, 6, 3, 3]) / 3)
    head = LabelHead(3).double()
    head.calibrate(labels)
    assert _values(head.loss(z, head.targets(labels))) == _near(
        (head.linear(z)[:, 0].numpy() - stats.zscore(labels.numpy())) ** 2 / 2
    )


@torch.no_grad()
def test_terms_of_continuous_units_in_a_frame():
    """The frame's term, and the two of the evidence lower bound of units in it."""
    torch.manual_seed(0)
    unit = observations.Continuous(2, 2, 3, has_autoencoder=True, location_scale=True, n_hidden=8).double().eval()
    x, z = torch.randn(8, 2).double(), torch.randn(2, 3).double()
    vectors, terms = unit.score(x, x, z, SETS, no_covariates(8), NoiseIn(torch.float64))
    mean, sd = unit.frame.normal.mean(z)[SETS].numpy(), unit.frame.normal.log_sd(z)[SETS].exp().numpy()
    assert _values(terms["frame"]) == _near(-stats.norm.logpdf(x, mean, sd).sum(1))
    inside = torch.from_numpy((x.numpy() - mean) / sd)
    m, s = unit.autoencoder.encode(inside, no_covariates(8), None)
    assert _values(vectors) == _near(m + s * NoiseIn(torch.float64).normal(2))
    normal = torch.distributions.Normal
    assert _values(terms["kl"]) == _near(torch.distributions.kl_divergence(normal(m, s), normal(0.0, 1.0)).sum(1))
    hidden = unit.autoencoder.decode(vectors, z, SETS, no_covariates(8), None)
    mean, sd = unit.likelihood.mean(hidden), unit.likelihood.log_sd(hidden).exp()
    assert _values(terms["reconstruction"]) == _near(-stats.norm.logpdf(inside, mean, sd).sum(1))


@torch.no_grad()
def test_density_of_images_exposures_and_library_sizes():
    torch.manual_seed(0)
    z, hidden = torch.randn(2, 3).double(), torch.randn(8, 4).double()
    likelihood, images = observations.ImageNormal(4, (1, 8, 8)).double(), torch.randn(8, 1, 8, 8).double()
    mean, log_sd = (values.numpy() for values in likelihood.mean_and_log_sd(hidden))
    assert _values(likelihood.log_prob(images, hidden)) == _near(
        stats.norm.logpdf(images, mean, np.exp(log_sd)).sum((1, 2, 3))
    )
    frame, exposure = observations.ExposureFrame(3, CovariateSizes(), 2).double(), torch.randn(8, 2).double()
    context = frame.read(z, SETS, no_covariates(8))
    expected = stats.norm.logpdf(exposure, context[:, :2], context[:, 2:].exp()).sum(1)
    assert _values(frame.log_prob(exposure, context)) == _near(expected)
    depth, library, v = observations.LibrarySize(4, 3).double(), torch.arange(1.0, 9.0).double(), hidden
    logits, mean, log_sd = depth.linear(torch.cat([v, z[SETS]], 1)).numpy().reshape(8, 3, 3).transpose(1, 0, 2)
    of_each = stats.norm.logpdf(np.log(library.numpy())[:, None], mean, np.exp(log_sd))
    assert _values(depth.log_prob(library, v, z[SETS])) == _near(
        logsumexp(log_softmax(logits, axis=1) + of_each, axis=1)
    )


def _zero_inflated(x, mean, theta, zero):
    nb = stats.nbinom.logpmf(x, theta, theta / (theta + mean))
    return np.log(zero * (x == 0) + (1 - zero) * np.exp(nb))


COUNTS = {
    "Poisson": lambda x, mean, theta, zero: stats.poisson.logpmf(x, mean),
    "NegativeBinomial": lambda x, mean, theta, zero: stats.nbinom.logpmf(x, theta, theta / (theta + mean)),
    "ZeroInflatedNegativeBinomial": _zero_inflated,
    "Bernoulli": lambda x, mean, theta, zero: stats.bernoulli.logpmf(x, -np.expm1(-mean)),
}


@pytest.mark.parametrize("name", COUNTS)
@torch.no_grad()
def test_probability_of_counts(name):
    torch.manual_seed(0)
    likelihood = getattr(observations, name)(4, 5).double()
    for parameter in likelihood.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    hidden, library = torch.randn(8, 4).double(), torch.linspace(0.5, 3, 8).double()
    x = torch.poisson(torch.full((8, 5), 3.0)).double() * (torch.rand(8, 5) < 0.7)
    is_binary = name == "Bernoulli"
    x, depth = (x.clamp(max=1), library) if is_binary else (x, 10 * library)
    share = torch.exp(likelihood.share(hidden)) if is_binary else torch.softmax(likelihood.share(hidden), dim=1)
    theta = likelihood.log_theta.exp().numpy() if hasattr(likelihood, "log_theta") else None
    zero = expit(likelihood.zero_logit(hidden).numpy()) if hasattr(likelihood, "zero_logit") else None
    expected = COUNTS[name](x.numpy(), (depth[:, None] * share).numpy(), theta, zero).sum(1)
    assert _values(likelihood.log_prob(to_csr(x, 0.3), hidden, depth)) == _near(expected)
