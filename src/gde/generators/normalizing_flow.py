"""A normalizing flow: noise becomes vectors by an invertible map, whose density is known."""

from torch import Tensor, nn

from gde.generators.generator import Generator
from gde.nn import Context, Covariates, CovariateSizes, SetNoise, segment_mean


class NormalizingFlow(Generator):
    r"""A neural spline flow of a group's vectors, given z, trained by its exact likelihood.

    The loss is :math:`-\log p(v \mid z)`, in nats, under an autoregressive flow of monotonic rational-quadratic splines (Durkan et al. 2019,
    arXiv 1906.04032), which is zuko's. Its masked networks take what they depend on as columns of each unit; so z and the covariates
    are projected once to a narrow context, and that is repeated. Sampling asks each network ``n_vectors`` times.

    Parameters
    ----------
    n_vectors
        Width of the vectors, which should have unit scale: beyond 5 the splines end.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates the vectors depend on beside z.
    n_hidden
        Width of the hidden layers.
    n_layers
        Number of hidden layers of each transform.
    n_transforms
        Number of transforms.
    n_context
        Width of the context.

    Raises
    ------
    ImportError
        If zuko is not installed.

    Examples
    --------
    >>> import torch
    >>> from gde.generators import NormalizingFlow
    >>> from gde.nn import Covariates, SetNoise
    >>> covariates = Covariates(torch.zeros(5, 0, dtype=torch.long), torch.zeros(5, 0))
    >>> noise = SetNoise(seeds=[0, 1], sizes=[3, 2], device="cpu")
    >>> generator = NormalizingFlow(n_vectors=2, n_latent=4)
    >>> generator.sample(torch.zeros(2, 4), torch.tensor([0, 0, 0, 1, 1]), covariates, noise).shape
    torch.Size([5, 2])
    """

    def __init__(
        self,
        n_vectors: int,
        n_latent: int,
        covariates: CovariateSizes | None = None,
        *,
        n_hidden: int = 128,
        n_layers: int = 2,
        n_transforms: int = 3,
        n_context: int = 16,
    ):
        super().__init__(n_vectors, n_latent, covariates)
        try:
            from zuko.flows import NSF  # an extra
        except ImportError as error:
            raise ImportError('`normalizing_flow` needs zuko: pip install "gde-tools[flows]"') from error

        self.context = Context(n_latent, self.covariates, n_context)
        hidden = [n_hidden] * n_layers
        self.flow = NSF(n_vectors, n_context, transforms=n_transforms, hidden_features=hidden, activation=nn.GELU)

    def loss(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, weight: Tensor, covariates: Covariates, noise: SetNoise
    ) -> Tensor:
        """Negative log density of the vectors, shape (n_sets,)."""
        log_density = self.flow(self.context(z, set_of_unit, covariates)).log_prob(vectors)
        return segment_mean(-log_density[:, None], set_of_unit, weight, len(z)).squeeze(1)

    def sample(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise) -> Tensor:
        """Carry noise through the inverse of the flow, shape (n_units, n_vectors)."""
        transform = self.flow(self.context(z, set_of_unit, covariates)).transform
        return transform.inv(noise.normal(self.n_vectors))
