import numpy as np
import pytest
import torch

from gde.nn import Covariates, SetNoise
from gde.observations import Counts
from tests.observations.count_likelihood_contract import to_csr

LIKELIHOODS = ["nb", "zinb", "poisson", "bernoulli"]
SET_OF_UNIT = torch.tensor([0, 0, 0, 1, 1, 1, 1])


def _make(likelihood="nb", **kwargs):
    torch.manual_seed(0)
    return Counts(6, 2, 3, likelihood=likelihood, n_hidden=8, **kwargs)


@pytest.fixture
def x():
    torch.manual_seed(1)
    x = torch.poisson(torch.rand(7, 6) * 4)
    x[2] = 0  # a unit without counts
    return x


@pytest.fixture
def covariates():
    return Covariates(torch.zeros(7, 0, dtype=torch.long), torch.zeros(7, 0))


def _noise():
    return SetNoise([1, 2], [3, 4], "cpu")


def test_calibrate_gives_what_numpy_gives(x):
    counts, values = _make(), x.numpy()
    counts.calibrate(lambda: [to_csr(x)])
    library = np.maximum(values.sum(1), 1)
    share = values.sum(0) / values.sum()
    assert counts.stem.median_library.item() == np.median(library)
    np.testing.assert_allclose(counts.stem.count_share, share, rtol=1e-6)
    features = np.log1p(values * np.median(library) / library[:, None])
    np.testing.assert_allclose(counts.stem.feature_mean, features.mean(0), rtol=1e-5)
    assert counts.library_size.log_mean.item() == pytest.approx(np.log(library).mean(), rel=1e-5)
    assert counts.library_size.log_sd.item() == pytest.approx(np.log(library).std(), rel=1e-5)


def test_decoder_starts_at_the_mean_profile(x):
    counts = _make()
    counts.calibrate(lambda: [to_csr(x)])
    start = torch.softmax(counts.likelihood.share.bias, 0)
    np.testing.assert_allclose(start.detach(), x.sum(0) / x.sum(), atol=0.02)


def test_a_gene_without_counts_starts_at_a_finite_share(x):
    counts = _make()
    counts.calibrate(lambda: [to_csr(x * torch.tensor([0.0, 1, 1, 1, 1, 1]))])
    assert torch.isfinite(counts.likelihood.share.bias).all()


@pytest.mark.parametrize("size", [1, 2, 7])
def test_calibrate_does_not_depend_on_chunks_nor_on_the_layout(x, size):
    states = []
    for chunks in ([to_csr(x)], [to_csr(part, 0.5) for part in x.split(size)], list(x.split(size))):
        counts = _make(n_components=2)
        counts.calibrate(lambda chunks=chunks: chunks)
        states.append(counts.state_dict())
    for state in states[1:]:
        torch.testing.assert_close(state, states[0])


def test_fixed_features_are_the_principal_components_of_log_normalised_counts(x):
    counts = _make(n_components=3)
    counts.calibrate(lambda: map(to_csr, x.split(3)))
    values = x.double().numpy()
    library = np.maximum(values.sum(1), 1)
    features = np.log1p(values * np.median(library) / library[:, None])
    centred = features - features.mean(0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    scores = counts.fixed_features(to_csr(x)).double()
    for k in range(3):
        assert abs(u[:, k] @ scores[:, k].numpy()) == pytest.approx(s[k], rel=1e-3)
    with torch.no_grad():
        for parameter in counts.parameters():
            parameter.add_(1)
    torch.testing.assert_close(counts.fixed_features(to_csr(x)).double(), scores, rtol=0, atol=0)


def test_a_gene_that_was_not_measured_counts_as_the_training_mean_in_fixed_features():
    counts = _make(n_components=1)
    counts.components[0] = 1
    counts.stem.feature_mean[0] = 2
    observed = torch.tensor([False, True, True, True, True, True])
    scores = counts.fixed_features(to_csr(torch.tensor([[0.0, 1, 2, 3, 0, 0]])), observed)
    assert scores.item() == 0


def test_sparse_and_dense_units_are_the_same_units(x, covariates):
    counts, z = _make().eval(), torch.randn(2, 3)
    outputs = []
    for units in (x, to_csr(x), to_csr(x, 0.5)):
        features = counts.featurise(units)
        outputs.append((features, *counts.score(units, features, z, SET_OF_UNIT, covariates, _noise())))
    for features, vectors, terms in outputs[1:]:
        torch.testing.assert_close(features, outputs[0][0])
        torch.testing.assert_close(vectors, outputs[0][1])
        torch.testing.assert_close(terms, outputs[0][2])


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_score_gives_vectors_and_finite_terms_of_each_unit(x, covariates, likelihood):
    counts, z = _make(likelihood), torch.randn(2, 3)
    vectors, terms = counts.score(x, counts.featurise(x), z, SET_OF_UNIT, covariates, _noise())
    assert vectors.shape == (7, counts.n_vectors)
    assert set(terms) == {"reconstruction", "kl", "library"}
    for term in terms.values():
        assert term.shape == (7,) and torch.isfinite(term).all()
    assert (terms["kl"] >= 0).all() and (terms["reconstruction"] > 0).all()


def test_library_size_is_learnt_without_changing_the_latent_vectors(x, covariates):
    counts, z = _make(), torch.randn(2, 3, requires_grad=True)
    _, terms = counts.score(x, counts.featurise(x), z, SET_OF_UNIT, covariates, _noise())
    terms["library"].sum().backward()
    assert all(parameter.grad is None for parameter in (*counts.autoencoder.parameters(), *counts.stem.parameters()))
    assert any((parameter.grad != 0).any() for parameter in counts.library_size.parameters())
    assert (z.grad != 0).any(), "the embedding knows how deep a group is sequenced"


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_sample_is_counts_with_the_library_size_asked_for(x, likelihood):
    counts, n = _make(likelihood).eval(), 2000
    counts.calibrate(lambda: [to_csr(x)])
    covariates = Covariates(torch.zeros(n, 0, dtype=torch.long), torch.zeros(n, 0))
    arguments = torch.randn(n, 2), torch.randn(1, 3), torch.zeros(n, dtype=torch.long), covariates
    with torch.no_grad():
        sample = counts.sample(*arguments, SetNoise([0], [n], "cpu"), library_size=torch.full((n,), 50.0))
        deeper = counts.sample(*arguments, SetNoise([0], [n], "cpu"), library_size=torch.full((n,), 500.0))
        modelled = counts.sample(*arguments, SetNoise([0], [n], "cpu"))
    for units in (sample, deeper, modelled):
        assert units.shape == (n, 6)
        assert (units >= 0).all() and (units == units.round()).all()
    if likelihood == "bernoulli":  # all sites are open in the end
        assert sample.sum(1).mean() < deeper.sum(1).mean() <= 6
        return
    if likelihood != "zinb":  # extra zeros take from the library
        assert sample.sum(1).mean().item() == pytest.approx(50, rel=0.05)
    assert deeper.sum().item() == pytest.approx(10 * sample.sum().item(), rel=0.05)
