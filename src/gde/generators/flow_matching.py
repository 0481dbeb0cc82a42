"""Flow matching: noise is carried to vectors by a learnt velocity."""

import torch
from torch import Tensor

from gde.generators.generator import Generator
from gde.nn import Covariates, CovariateSizes, SetNoise, UNetField, VectorField, segment_mean


class FlowMatching(Generator):
    r"""A velocity field that carries standard normal noise to the vectors of a group, given z.

    With :math:`v_t = (1 - t)\,\epsilon + t\,v` for noise :math:`\epsilon` and t uniform on [0, 1], the network is trained on

    .. math:: E\,\lVert u_\theta(v_t, t; z) - (v - \epsilon) \rVert^2 ,

    and sampling integrates :math:`dv = u_\theta\,dt` from noise at t = 0 by Heun's method. Lipman et al. 2023, arXiv 2210.02747,
    section 4.1 (the optimal-transport path).

    Parameters
    ----------
    n_vectors
        Width of the vectors, which should have unit scale.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates the vectors depend on beside z.
    n_hidden
        Width of the hidden layers.
    n_layers
        Number of residual layers.
    image_shape
        Channel, height and width, where the vectors are the pixels of images: the network is then a U-Net (:class:`gde.nn.UNetField`), and
        ``n_hidden`` and ``n_layers`` do not count. In a :class:`gde.GDEModel` they are three times as many channels as the images have, since brightness
        and contrast come as channels too. None: the vectors have no such order.
    n_channels
        Number of channels of the U-Net's first level, a multiple of 8.
    n_steps
        Steps of the integrator; each but the last asks the network twice.

    Examples
    --------
    >>> import torch
    >>> from gde.generators import FlowMatching
    >>> from gde.nn import Covariates, SetNoise
    >>> covariates = Covariates(torch.zeros(5, 0, dtype=torch.long), torch.zeros(5, 0))
    >>> noise = SetNoise(seeds=[0, 1], sizes=[3, 2], device="cpu")
    >>> generator = FlowMatching(n_vectors=2, n_latent=4)
    >>> generator.sample(torch.zeros(2, 4), torch.tensor([0, 0, 0, 1, 1]), covariates, noise).shape
    torch.Size([5, 2])
    """

    kinds = ("vector", "image")

    def __init__(
        self,
        n_vectors: int,
        n_latent: int,
        covariates: CovariateSizes | None = None,
        *,
        n_hidden: int = 256,
        n_layers: int = 4,
        n_steps: int = 13,
        image_shape: tuple[int, int, int] | None = None,
        n_channels: int = 32,
    ):
        super().__init__(n_vectors, n_latent, covariates)
        self.n_steps = n_steps
        self.field: VectorField | UNetField = (
            VectorField(n_vectors, n_latent, self.covariates, n_hidden=n_hidden, n_layers=n_layers)
            if image_shape is None
            else UNetField(image_shape, n_latent, self.covariates, n_channels=n_channels)
        )

    def loss(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, weight: Tensor, covariates: Covariates, noise: SetNoise
    ) -> Tensor:
        """Squared error of the velocity, shape (n_sets,)."""
        start, time = noise.normal(self.n_vectors), noise.uniform(1)
        context = self.field.context(z, set_of_unit, covariates)
        velocity = self.field(torch.lerp(start, vectors, time), time.squeeze(1), context)
        error = (velocity - (vectors - start)).square().sum(1, keepdim=True)
        return segment_mean(error, set_of_unit, weight, len(z)).squeeze(1)

    def sample(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise) -> Tensor:
        """Integrate the velocity from noise, shape (n_units, n_vectors)."""
        context = self.field.context(z, set_of_unit, covariates)
        vectors = noise.normal(self.n_vectors)
        times = torch.linspace(0, 1, self.n_steps + 1, device=vectors.device)
        for start, stop in zip(times[:-1], times[1:], strict=True):
            velocity = self.field(vectors, start[None], context)
            ahead = vectors + (stop - start) * velocity
            if stop == 1:  # at the end of time the path is straight, and the last step needs no correction
                return ahead
            corrected = 0.5 * (velocity + self.field(ahead, stop[None], context))
            vectors = vectors + (stop - start) * corrected
        return vectors
