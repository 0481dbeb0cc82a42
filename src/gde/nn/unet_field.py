"""The network of generators that move images through time."""

from torch import Tensor, nn

from gde.nn.context import Context
from gde.nn.covariate_sizes import CovariateSizes

MAX_TIME = 1000.0  # diffusers' U-Net counts time in a thousand steps
PATCHED_SIZE = 16  # from this height and width on, 2 × 2 pixels become the channels of one


class UNetField(nn.Module):
    """diffusers' U-Net (Ronneberger, Fischer & Brox 2015, arXiv 1505.04597) with the interface of :class:`VectorField`: images go in and out flat.

    What the embedding of the set and the covariates say is projected once per set and added to the embedding of time, which every layer takes.
    From 16 pixels on, 2 × 2 of them become four channels of one, which costs a quarter.

    Parameters
    ----------
    shape
        Shape of an image: channel, height, width.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates there are.
    n_channels
        Number of channels of the first level, a multiple of 8; the second has twice as many.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import Covariates, CovariateSizes, UNetField
    >>> field = UNetField((1, 8, 8), 4, CovariateSizes(), n_channels=8)
    >>> covariates = Covariates(torch.zeros(3, 0, dtype=torch.long), torch.zeros(3, 0))
    >>> context = field.context(torch.zeros(1, 4), torch.zeros(3, dtype=torch.long), covariates)
    >>> field(torch.randn(3, 64), torch.rand(3), context).shape
    torch.Size([3, 64])
    """

    def __init__(self, shape: tuple[int, int, int], n_latent: int, covariates: CovariateSizes, *, n_channels: int):
        super().__init__()
        from diffusers.models.unets.unet_2d import UNet2DModel  # takes seconds, which `import gde` should not

        if n_channels % 8:
            raise ValueError(f"`n_channels` must be a multiple of 8, got {n_channels}.")
        self.shape = tuple(shape)
        self.patch = 2 if min(shape[1:]) >= PATCHED_SIZE else 1
        n_pixels = shape[0] * self.patch**2
        self.context = Context(n_latent, covariates, 4 * n_channels)  # the width that the U-Net gives to time
        self.network = UNet2DModel(
            in_channels=n_pixels,
            out_channels=n_pixels,
            block_out_channels=(n_channels, 2 * n_channels),
            down_block_types=("DownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "UpBlock2D"),
            layers_per_block=1,
            norm_num_groups=n_channels // 8,
            attention_head_dim=None,
            class_embed_type="identity",
        )

    def forward(self, vectors: Tensor, time: Tensor, context: Tensor) -> Tensor:
        """Vectors, shape (n_units, channel × height × width), at times in [0, 1], shape (n_units,)."""
        images = vectors.view(-1, *self.shape)
        height, width = self.shape[1:]
        block = 2 * self.patch  # the U-Net halves once
        images = nn.functional.pad(images, (0, -width % block, 0, -height % block))
        images = nn.functional.pixel_unshuffle(images, self.patch)
        images = self.network(images, MAX_TIME * time, class_labels=context, return_dict=False)[0]
        return nn.functional.pixel_shuffle(images, self.patch)[:, :, :height, :width].flatten(1)
