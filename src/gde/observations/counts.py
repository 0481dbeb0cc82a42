"""Units with counts: cells and their genes."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import torch
from torch import Tensor

from gde.nn import Covariates, CovariateSizes, SetNoise, UnitAutoencoder, csr_sums
from gde.observations.bernoulli import Bernoulli
from gde.observations.count_likelihood import CountLikelihood
from gde.observations.gene_stem import GeneStem
from gde.observations.library_size import LibrarySize
from gde.observations.negative_binomial import NegativeBinomial
from gde.observations.observation import Observation
from gde.observations.poisson import Poisson
from gde.observations.principal_components import principal_components
from gde.observations.zero_inflated_negative_binomial import ZeroInflatedNegativeBinomial

CountLikelihoodName = Literal["nb", "zinb", "poisson", "bernoulli"]
LIKELIHOODS: dict[CountLikelihoodName, type[CountLikelihood]] = {
    "nb": NegativeBinomial,
    "zinb": ZeroInflatedNegativeBinomial,
    "poisson": Poisson,
    "bernoulli": Bernoulli,
}


class Counts(Observation):
    """Counts of genes, through a unit autoencoder that ends in a count likelihood.

    One gene-wide stem serves the set encoder and the unit encoder. The library size is observed in training; its distribution given the
    latent vector and the embedding is learnt beside, so that generated units have realistic depth.

    Parameters
    ----------
    n_genes
        Number of genes.
    n_vectors
        Width of the latent vector of a unit.
    n_latent
        Width of the embedding of a group.
    likelihood
        ``"nb"``, ``"zinb"``, ``"poisson"`` or ``"bernoulli"``.
    covariates
        Which covariates the unit autoencoder takes.
    n_hidden
        Width of the hidden layers.
    n_components
        Number of principal components of the log-normalised counts, the fixed features; 0 where no encoder asks for them.
    is_part
        Whether this is a part of a :class:`Joint`, which has the unit autoencoder.

    Examples
    --------
    >>> import torch
    >>> from gde.observations import Counts
    >>> counts = Counts(n_genes=5, n_vectors=2, n_latent=3)
    >>> x = torch.poisson(torch.ones(4, 5)).to_sparse_csr()
    >>> counts.featurise(x).shape
    torch.Size([4, 128])
    """

    feature_dropout = 0.5
    components: Tensor

    def __init__(
        self,
        n_genes: int,
        n_vectors: int,
        n_latent: int,
        *,
        likelihood: CountLikelihoodName = "nb",
        covariates: CovariateSizes | None = None,
        n_hidden: int = 128,
        n_components: int = 0,
        is_part: bool = False,
    ):
        super().__init__()
        if n_components > n_genes:
            raise ValueError(f"{n_genes} genes have no {n_components} principal components: ask for fewer.")
        self.n_vars = n_genes
        self.n_features = n_hidden
        self.n_fixed_features = n_components
        self.n_vectors = n_vectors
        self.stem = GeneStem(n_genes, n_hidden)
        self.autoencoder: UnitAutoencoder | None = None
        if not is_part:
            self.autoencoder = UnitAutoencoder(n_hidden, n_vectors, n_latent, n_hidden, covariates or CovariateSizes())
        self.likelihood = LIKELIHOODS[likelihood](n_hidden, n_genes)
        self.library_size = LibrarySize(n_vectors, n_latent)
        self.register_buffer("components", torch.zeros(n_genes, n_components), persistent=n_components > 0)

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Set mean features, library sizes, the decoder's offsets and the principal components from the training units."""
        stem = self.stem
        totals, libraries = torch.zeros_like(stem.count_share, dtype=torch.float64), []
        for x in chunks():
            x = _sparse(x)
            totals.index_add_(0, x.col_indices(), x.values().double())
            libraries.append(_library(x))
        library = torch.cat(libraries)
        stem.median_library.copy_(library.median())
        stem.count_share.copy_(totals / totals.sum().clamp_min(1))
        self.library_size.calibrate(library)
        self.likelihood.share.bias.copy_(torch.log(stem.count_share + 1 / totals.sum().clamp_min(1)))

        feature_sum = torch.zeros_like(totals)
        for x in chunks():
            features = stem.log_normalise(_sparse(x))
            feature_sum.index_add_(0, features.col_indices(), features.values().double())
        stem.feature_mean.copy_(feature_sum / len(library))
        if self.n_fixed_features:
            scores = lambda basis: (stem.project(_sparse(x), basis) for x in chunks())
            self.components.copy_(principal_components(scores, *self.components.shape))

    def featurise(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Output of the gene-wide stem, shape (n_units, n_hidden)."""
        return self.stem(_sparse(x), observed)

    def fixed_features(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Scores of the principal components of log-normalised counts, shape (n_units, n_components)."""
        return self.stem.project(_sparse(x), self.components, observed)

    def thin(self, x: Tensor, kept: Tensor, noise: SetNoise) -> Tensor:
        r"""Each count becomes a binomial draw from itself, which is how a cell sequenced less deeply would look; CSR."""
        return noise.thin(_sparse(x), kept)

    def score(
        self, x: Tensor, features: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Latent vectors, and reconstruction, divergence and library-size terms."""
        assert self.autoencoder is not None
        mean, sd = self.autoencoder.encode(features, covariates, noise)
        vectors = mean + sd * noise.normal(self.n_vectors)
        hidden = self.autoencoder.decode(vectors, z, set_of_unit, covariates, noise)
        terms = self.terms(x, hidden, vectors, z.index_select(0, set_of_unit), noise)
        reconstruction = terms.pop("reconstruction")
        return vectors, {"reconstruction": reconstruction, "kl": self.autoencoder.divergence(mean, sd), **terms}

    def terms(self, x: Tensor, hidden: Tensor, vectors: Tensor, z: Tensor, noise: SetNoise) -> dict[str, Tensor]:
        """Reconstruction and library-size terms of each unit, from the decoder's hidden layer; ``z`` has a row per unit."""
        x = _sparse(x)
        library = _library(x)
        return {
            "reconstruction": -self.likelihood.log_prob(x, hidden, library),
            "library": -self.library_size.log_prob(library, vectors.detach(), z),
        }

    def sample(
        self,
        vectors: Tensor,
        z: Tensor,
        set_of_unit: Tensor,
        covariates: Covariates,
        noise: SetNoise,
        *,
        library_size: Tensor | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Counts, shape (n_units, n_genes), with library sizes from the model or as given, shape (n_units,)."""
        assert self.autoencoder is not None
        hidden = self.autoencoder.decode(vectors, z, set_of_unit, covariates, noise)
        return self.draw(hidden, vectors, z.index_select(0, set_of_unit), noise, library_size)

    def draw(
        self, hidden: Tensor, vectors: Tensor, z: Tensor, noise: SetNoise, library_size: Tensor | None = None
    ) -> Tensor:
        """Counts from the decoder's hidden layer; ``z`` has a row per unit."""
        library = self.library_size.sample(vectors, z, noise) if library_size is None else library_size
        return self.likelihood.sample(hidden, library, noise)


def _sparse(x: Tensor) -> Tensor:
    return x if x.layout == torch.sparse_csr else x.to_sparse_csr()


def _library(x: Tensor) -> Tensor:
    """Library size of each unit; 1 for a unit without counts, whose logarithm is asked for too."""
    return csr_sums(x).clamp_min(1)
