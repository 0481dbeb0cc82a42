"""Normal likelihood of images."""

from torch import Tensor, nn
from torch.nn.functional import gelu

from gde.nn import ImageDecoder, SetNoise
from gde.observations.normal import Normal


class ImageNormal(nn.Module):
    r"""Independent normals of the pixels and of the exposure (:class:`Exposure`) of an image.

    .. math:: \log p(u, e) = \log N\big(u; \mu(h), \sigma(h)\big) + \log N\big(e; \mu'(v, z), \sigma'(v, z)\big),

    the first from the decoder's hidden layer h by a convolutional network. The two numbers of the exposure have a small network of their own: the
    thousand pixels leave little of h to them.

    Parameters
    ----------
    n_hidden
        Width of the autoencoder's last hidden layer.
    n_vectors, n_latent
        Width of the latent vector v and of the embedding z.
    shape
        Shape of an image: channel, height, width.
    """

    NOISY = False

    def __init__(self, n_hidden: int, n_vectors: int, n_latent: int, shape: tuple[int, int, int]):
        super().__init__()
        self.decoder = ImageDecoder(n_hidden, (2 * shape[0], *shape[1:]))
        self.vector = nn.Linear(n_vectors, n_hidden)
        self.embedding = nn.Linear(n_latent, n_hidden, bias=False)
        self.exposure = Normal(n_hidden, 2 * shape[0])

    def log_prob(self, relative: Tensor, exposure: Tensor, hidden: Tensor, vectors: Tensor, z: Tensor) -> Tensor:
        """Log density of each unit's pixels (n_units, channel × height × width) and exposure (n_units, 2 × channel), shape (n_units,)."""
        of_pixels = Normal.log_density(relative, *self.mean_and_log_sd(hidden))
        return of_pixels + self.exposure.log_prob(exposure, self._read(vectors, z))

    def sample(self, hidden: Tensor, vectors: Tensor, z: Tensor, noise: SetNoise) -> tuple[Tensor, Tensor]:
        """Means of the pixels, (n_units, channel × height × width), and exposures with their noise, (n_units, 2 × channel).

        What the decoder misses of an image is edges and texture; independent noise of pixels would be neither.
        """
        mean, log_sd = self.mean_and_log_sd(hidden)
        if self.NOISY:
            mean = mean + log_sd.exp() * noise.normal(mean.shape[1])
        return mean, self.exposure.sample(self._read(vectors, z), noise)

    def mean_and_log_sd(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Those of the pixels, each (n_units, channel × height × width)."""
        mean, log_sd = self.decoder(hidden).chunk(2, dim=1)
        return mean.flatten(1), log_sd.flatten(1).clamp(-3, 3)

    def _read(self, vectors: Tensor, z: Tensor) -> Tensor:
        """What the exposure is read from, (n_units, n_hidden), of latent vectors and the embedding of each unit's set."""
        return gelu(self.vector(vectors) + self.embedding(z))
