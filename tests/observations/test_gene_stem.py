import numpy as np
import pytest
import torch

from gde.observations import GeneStem
from tests.observations.count_likelihood_contract import to_csr


@pytest.fixture
def stem():
    torch.manual_seed(0)
    stem = GeneStem(6, 4)
    stem.feature_mean.copy_(torch.rand(6))
    stem.count_share.copy_(torch.softmax(torch.randn(6), 0))
    stem.median_library.fill_(20.0)
    torch.nn.init.normal_(stem.bias)
    return stem


@pytest.fixture
def counts():
    torch.manual_seed(1)
    return torch.poisson(torch.full((5, 6), 1.5))


def _log_normalised(counts, median=20.0):
    library = np.maximum(counts.sum(1, keepdims=True), 1)
    return np.log1p(counts * median / library)


def _layer(stem, features):
    centred = torch.from_numpy(features).float() - stem.feature_mean
    return torch.nn.functional.gelu(stem.norm(centred @ stem.weight + stem.bias))


def test_is_its_formula(stem, counts):
    torch.testing.assert_close(stem(to_csr(counts)), _layer(stem, _log_normalised(counts.numpy())))


def test_stored_zeros_change_nothing(stem, counts):
    torch.testing.assert_close(stem(to_csr(counts, 1.0)), stem(to_csr(counts)))


def test_log_normalised_counts_stay_sparse(stem, counts):
    normalised = stem.log_normalise(to_csr(counts))
    assert normalised.layout == torch.sparse_csr
    assert normalised.values().numel() == (counts > 0).sum()
    np.testing.assert_allclose(normalised.to_dense(), _log_normalised(counts.numpy()), rtol=1e-6)


def test_depth_of_sequencing_does_not_matter(stem, counts):
    torch.testing.assert_close(stem(to_csr(7 * counts)), stem(to_csr(counts)))


def test_a_unit_without_counts_is_finite(stem):
    nothing = torch.zeros(2, 6)
    torch.testing.assert_close(stem(to_csr(nothing)), _layer(stem, nothing.numpy()))
    assert torch.isfinite(stem(to_csr(nothing))).all()


def test_missing_genes_count_as_their_training_mean_and_not_as_zeros(stem, counts):
    observed = torch.tensor([True, True, False, True, False, True])
    counts = counts * observed
    masked = stem(to_csr(counts), observed)
    # The counts seen are the share that these genes have in training of a library that was not seen in full.
    share = stem.count_share[observed].sum().item()
    features = np.log1p(counts.numpy() * share * 20.0 / np.maximum(counts.numpy().sum(1, keepdims=True), 1))
    imputed = np.where(observed.numpy(), features, stem.feature_mean.numpy())
    torch.testing.assert_close(masked, _layer(stem, imputed))
    assert (masked - stem(to_csr(counts))).abs().max() > 0.01, "a zero is a measurement"


def test_mask_of_all_genes_changes_nothing(stem, counts):
    torch.testing.assert_close(stem(to_csr(counts), torch.ones(6, dtype=torch.bool)), stem(to_csr(counts)))


def test_masking_is_exact_where_the_missing_genes_sit_at_their_training_mean(stem):
    """If all units have one profile, which is then the training mean, masking loses nothing."""
    profile = torch.tensor([1.0, 2, 3, 4, 5, 5])
    stem.count_share.copy_(profile / 20)
    stem.feature_mean.copy_(torch.log1p(profile))
    observed = torch.tensor([True, False, True, True, False, True])
    for scale in (1.0, 3.0):
        masked = stem(to_csr((scale * profile * observed)[None]), observed)
        torch.testing.assert_close(masked, stem(to_csr(scale * profile[None])))
