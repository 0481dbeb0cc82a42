"""Normal likelihood of images."""

from torch import Tensor, nn

from gde.nn import ImageDecoder
from gde.observations.normal import Normal


class ImageNormal(nn.Module):
    """Independent normals of the pixels (:class:`gde.observations.Normal`), whose means and scales a convolutional decoder gives.

    Images are drawn without this noise: what the decoder misses of an image is edges and texture, and independent noise of pixels would be neither.

    Parameters
    ----------
    n_hidden
        Width of the autoencoder's last hidden layer.
    shape
        Shape of an image: channel, height, width.
    """

    def __init__(self, n_hidden: int, shape: tuple[int, int, int]):
        super().__init__()
        self.decoder = ImageDecoder(n_hidden, (2 * shape[0], *shape[1:]))

    def log_prob(self, images: Tensor, hidden: Tensor) -> Tensor:
        """Log density of each unit's image (n_units, channel, height, width) given hidden layers (n_units, n_hidden), shape (n_units,)."""
        mean, log_sd = self.mean_and_log_sd(hidden)
        return Normal.log_density(images.flatten(1), mean.flatten(1), log_sd.flatten(1))

    def mean_and_log_sd(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """The parameters, each (n_units, channel, height, width)."""
        mean, log_sd = self.decoder(hidden).chunk(2, dim=1)
        return mean, log_sd.clamp(-3, 3)
