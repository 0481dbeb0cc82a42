"""The embedding becomes a cloud of points at once."""

from torch import Tensor

from gde.generators.generator import Generator
from gde.nn import MLP, CovariateEffect, Covariates, CovariateSizes, SetNoise, pad_sets, sinkhorn


class Wormhole(Generator):
    r"""A decoder of z that emits a fixed cloud of points, trained by the Sinkhorn divergence of the cloud from the real set.

    The decoder of the Wasserstein Wormhole (Haviv et al. 2024, arXiv 2404.09411); with its encoder and its isometry it is
    ``GDEModel(adata, encoder="attention", generator="wormhole", isometry_weight=1)``. A baseline: it knows as many different units as the cloud
    has points, and small real sets teach it too little spread. A sample is points of the cloud, drawn with replacement. Covariates shift
    the cloud.

    Parameters
    ----------
    n_vectors
        Width of the vectors, which should have unit scale.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates the vectors depend on beside z.
    n_points
        Number of points of the cloud.
    n_hidden
        Width of the hidden layers.

    Examples
    --------
    >>> import torch
    >>> from gde.generators import Wormhole
    >>> from gde.nn import Covariates, SetNoise
    >>> covariates = Covariates(torch.zeros(5, 0, dtype=torch.long), torch.zeros(5, 0))
    >>> noise = SetNoise(seeds=[0, 1], sizes=[3, 2], device="cpu")
    >>> generator = Wormhole(n_vectors=2, n_latent=4)
    >>> generator.sample(torch.zeros(2, 4), torch.tensor([0, 0, 0, 1, 1]), covariates, noise).shape
    torch.Size([5, 2])
    """

    def __init__(
        self,
        n_vectors: int,
        n_latent: int,
        covariates: CovariateSizes | None = None,
        *,
        n_points: int = 128,
        n_hidden: int = 128,
    ):
        super().__init__(n_vectors, n_latent, covariates)
        self.n_points = n_points
        self.cloud = MLP(n_latent, n_hidden, n_hidden, n_points * n_vectors)
        self.covariate_effect = CovariateEffect(self.covariates, n_vectors)

    def loss(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, weight: Tensor, covariates: Covariates, noise: SetNoise
    ) -> Tensor:
        """Sinkhorn divergence of cloud and set, shape (n_sets,)."""
        real, share = pad_sets(vectors - self.covariate_effect(covariates), set_of_unit, weight, len(z))
        cloud = self.cloud(z).unflatten(1, (self.n_points, self.n_vectors))
        return sinkhorn(real, share, cloud, cloud.new_full(cloud.shape[:2], 1 / self.n_points))

    def sample(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise) -> Tensor:
        """Draw points of the clouds, shape (n_units, n_vectors)."""
        point = (noise.uniform(1).squeeze(1) * self.n_points).long()
        cloud = self.cloud(z).unflatten(1, (self.n_points, self.n_vectors))
        return cloud[set_of_unit, point] + self.covariate_effect(covariates)
