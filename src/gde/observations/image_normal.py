"""Normal likelihood of images."""

from torch import Tensor, nn

from gde.nn import ImageDecoder, SetNoise
from gde.observations.normal import Normal


class ImageNormal(nn.Module):
    """Independent normals of the pixels (:class:`gde.observations.Normal`), whose means and scales a convolutional decoder gives.

    Parameters
    ----------
    n_hidden
        Width of the autoencoder's last hidden layer.
    shape
        Shape of an image: channel, height, width.
    """

    NOISY = False

    def __init__(self, n_hidden: int, shape: tuple[int, int, int]):
        super().__init__()
        self.decoder = ImageDecoder(n_hidden, (2 * shape[0], *shape[1:]))
        self.exposure = Normal(n_hidden, 2 * shape[0])

    def log_prob(self, relative: Tensor, exposure: Tensor, hidden: Tensor) -> Tensor:
        """Log density of each unit's pixels (n_units, channel × height × width) given hidden layers (n_units, n_hidden), shape (n_units,)."""
        return Normal.log_density(relative, *self.mean_and_log_sd(hidden)) + self.exposure.log_prob(exposure, hidden)

    def sample(self, hidden: Tensor, noise: SetNoise) -> tuple[Tensor, Tensor]:
        """Pixels, shape (n_units, channel × height × width), and exposures."""
        mean, log_sd = self.mean_and_log_sd(hidden)
        if self.NOISY:
            mean = mean + log_sd.exp() * noise.normal(mean.shape[1])
        return mean, self.exposure.sample(hidden, noise)

    def mean_and_log_sd(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """The parameters, each (n_units, channel × height × width)."""
        mean, log_sd = self.decoder(hidden).chunk(2, dim=1)
        return mean.flatten(1), log_sd.flatten(1).clamp(-3, 3)
