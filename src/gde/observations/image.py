"""Units that are images: crops of single cells, for instance."""

import math
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from gde.nn import Covariates, CovariateSizes, ImageEncoder, SetNoise, UnitAutoencoder
from gde.observations.exposure import Exposure
from gde.observations.exposure_frame import ExposureFrame
from gde.observations.image_normal import ImageNormal
from gde.observations.normal import Normal
from gde.observations.observation import Observation, VectorKind
from gde.observations.principal_components import principal_components


class Image(Observation):
    """Images, each without its own brightness and contrast, which are read and generated beside it (:class:`Exposure`).

    The set encoder reads them through a small convolutional network. A generator of images models the pixels themselves, and the exposure as
    channels that are the same everywhere. Any other gets a convolutional unit autoencoder in between, whose encoder shares that network, and models
    latent vectors with the exposure beside them, relative to what z says of it (:class:`ExposureFrame`): in a vector that a thousand pixels want too it is lost.

    Parameters
    ----------
    shape
        Shape of an image: channel, height, width.
    n_vectors
        Width of the latent vector of a unit, if there is an autoencoder.
    n_latent
        Width of the embedding of a group.
    value_range
        Smallest and largest value that a pixel can have.
    has_autoencoder
        Whether units go through an autoencoder.
    covariates
        Which covariates the autoencoder takes.
    n_hidden
        Width of the features, and of the autoencoder's hidden layers.
    n_components
        Number of principal components of the pixels that a fixed encoder reads.
    is_part
        Whether this is a part of a :class:`Joint`, which has the unit autoencoder.

    Examples
    --------
    >>> import torch
    >>> from gde.observations import Image
    >>> Image((1, 8, 8), n_vectors=2, n_latent=4, value_range=(0, 255)).featurise(torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 128])
    """

    kinds: ClassVar[tuple[VectorKind, ...]] = ("image", "vector")
    feature_dropout = 0.5
    mean: Tensor
    sd: Tensor
    components: Tensor

    def __init__(
        self,
        shape: tuple[int, int, int],
        n_vectors: int,
        n_latent: int,
        *,
        value_range: tuple[float, float],
        has_autoencoder: bool = False,
        covariates: CovariateSizes | None = None,
        n_hidden: int = 128,
        n_components: int = 0,
        is_part: bool = False,
    ):
        super().__init__()
        self.shape, self.value_range = shape, value_range
        self.n_features, self.n_fixed_features = n_hidden, n_components
        self.n_vars = n_pixels = math.prod(shape)
        n_exposure = 2 * shape[0]
        self.n_vectors = n_vectors + n_exposure if has_autoencoder else 3 * n_pixels
        self.register_buffer("mean", torch.zeros(shape[0], 1, 1))
        self.register_buffer("sd", torch.ones(shape[0], 1, 1))
        self.register_buffer("components", torch.zeros(n_pixels, n_components), persistent=n_components > 0)
        self.exposure = Exposure(shape[0], value_range)
        self.network = ImageEncoder(self.shape, n_hidden)
        self.exposed = nn.Linear(n_exposure, n_hidden, bias=False)
        self.autoencoder: UnitAutoencoder | None = None
        covariates = covariates or CovariateSizes()
        if has_autoencoder:
            self.autoencoder = UnitAutoencoder(n_hidden, n_vectors, n_latent, n_hidden, covariates)
            self.known = nn.Linear(n_latent, n_hidden, bias=False)
            self.frame = ExposureFrame(n_latent, covariates, n_exposure)
        if is_part:
            self.exposure_of_hidden = Normal(n_hidden, n_exposure)
        if has_autoencoder or is_part:
            self.likelihood = ImageNormal(n_hidden, self.shape)

    @property
    def generator_arguments(self) -> dict[str, Any]:
        """The shape of an image with its exposure, for generators of images."""
        return {} if self.autoencoder is not None else {"image_shape": (3 * self.shape[0], *self.shape[1:])}

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Set mean and standard deviation of each channel, and the principal components, from the training units."""
        self.exposure.calibrate(chunks)
        n_pixels, total = 0, torch.zeros_like(self.mean.flatten(), dtype=torch.float64)
        squares = torch.zeros_like(total)
        for x in chunks():
            values = x.transpose(0, 1).flatten(1).double()
            n_pixels, total = n_pixels + values.shape[1], total + values.sum(1)
            squares = squares + values.square().sum(1)
        mean = total / n_pixels
        sd = (squares / n_pixels - mean**2).clamp_min(0).sqrt()
        smallest = 1e-6 * (self.value_range[1] - self.value_range[0])
        self.mean.copy_(mean[:, None, None])
        self.sd.copy_(torch.where(sd > smallest, sd, torch.ones_like(sd))[:, None, None])
        if self.n_fixed_features:
            n_units = sum(len(x) for x in chunks())
            centre = sum(self._pixels(x).sum(0) for x in chunks()) / n_units
            scores = lambda basis: ((self._pixels(x) - centre) @ basis for x in chunks())
            self.components.copy_(principal_components(scores, *self.components.shape))

    def featurise(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Output of the convolutional network, and of a linear one for the exposure, shape (n_units, n_hidden)."""
        relative, exposure = self.exposure.take(x)
        return self.network(relative) + self.exposed(exposure)

    def fixed_features(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Standardised pixels in principal components, shape (n_units, n_components)."""
        return self._pixels(x) @ self.components

    def score(
        self, x: Tensor, features: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Pixels and exposure; with an autoencoder, latent vectors and exposure, with frame, reconstruction and divergence."""
        relative, exposure = self.exposure.take(x)
        if self.autoencoder is None:
            planes = exposure[:, :, None, None].expand(-1, -1, *self.shape[1:])
            return torch.cat([relative, planes], dim=1).flatten(1), {}
        # The posterior knows z: without it latent vectors say again what z says, and the decoder does not listen to z.
        features = features + self.known(z).index_select(0, set_of_unit)
        mean, sd = self.autoencoder.encode(features, covariates, noise)
        vectors = mean + sd * noise.normal(mean.shape[1])
        hidden = self.autoencoder.decode(vectors, z, set_of_unit, covariates, noise)
        context = self.frame.read(z, set_of_unit, covariates)
        return torch.cat([vectors, self.frame.enter(exposure, context)], dim=1), {
            "frame": -self.frame.log_prob(exposure, context),
            "reconstruction": -self.likelihood.log_prob(relative, hidden),
            "kl": self.autoencoder.divergence(mean, sd),
        }

    def sample(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise, **kwargs: Any
    ) -> Tensor:
        """Images in their own range, shape (n_units, channel, height, width)."""
        if self.autoencoder is None:
            images = vectors.view(-1, 3 * self.shape[0], *self.shape[1:])
            return self._images(images[:, : self.shape[0]], images[:, self.shape[0] :].mean((2, 3)))
        vectors, exposure = vectors.tensor_split([-2 * self.shape[0]], dim=1)
        hidden = self.autoencoder.decode(vectors, z, set_of_unit, covariates, noise)
        exposure = self.frame.leave(exposure, self.frame.read(z, set_of_unit, covariates))
        return self._images(self.likelihood.mean_and_log_sd(hidden)[0], exposure)

    def terms(self, x: Tensor, hidden: Tensor, vectors: Tensor, z: Tensor, noise: SetNoise) -> dict[str, Tensor]:
        """Reconstruction of each unit from the hidden layer of an autoencoder that this is a part of."""
        relative, exposure = self.exposure.take(x)
        log_prob = self.likelihood.log_prob(relative, hidden) + self.exposure_of_hidden.log_prob(exposure, hidden)
        return {"reconstruction": -log_prob}

    def draw(self, hidden: Tensor, vectors: Tensor, z: Tensor, noise: SetNoise) -> Tensor:
        """Images in their own range from the hidden layer of an autoencoder that this is a part of."""
        return self._images(self.likelihood.mean_and_log_sd(hidden)[0], self.exposure_of_hidden.sample(hidden, noise))

    def _images(self, relative: Tensor, exposure: Tensor) -> Tensor:
        """Images in their own range."""
        return self.exposure.give(relative, exposure).clamp(*self.value_range)

    def _pixels(self, x: Tensor) -> Tensor:
        """Pixels standardised by channel, shape (n_units, channel × height × width)."""
        return ((x - self.mean) / self.sd).flatten(1)
