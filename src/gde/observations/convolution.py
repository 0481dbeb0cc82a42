"""Features of sequences by convolution."""

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, one_hot

from gde.observations.sequence_featuriser import SequenceFeaturiser


class Convolution(SequenceFeaturiser):
    """A small 1-D convolutional network from scratch: motifs, then combinations of motifs, pooled by mean and maximum.

    Padding counts as the empty space beyond a sequence, and each place is normalised by itself.

    Parameters
    ----------
    n_letters
        Number of letters.
    n_features
        Number of features.
    n_channels
        Width of the layers.
    n_layers
        Number of layers after the first.
    size
        Number of letters that a layer sees, an odd number.

    Examples
    --------
    >>> import torch
    >>> from gde.observations import Convolution
    >>> Convolution(n_letters=4)(torch.tensor([[0, 1, 2], [3, 4, 4]])).shape
    torch.Size([2, 128])
    """

    def __init__(
        self, n_letters: int, n_features: int = 128, *, n_channels: int = 64, n_layers: int = 1, size: int = 9
    ):
        super().__init__()
        if size % 2 == 0:
            raise ValueError(f"`size` must be odd, got {size}.")
        self.n_letters, self.n_features = n_letters, n_features
        self.input = nn.Conv1d(n_letters, n_channels, size, padding=size // 2)
        self.norms = nn.ModuleList(nn.LayerNorm(n_channels) for _ in range(n_layers))
        self.layers = nn.ModuleList(nn.Conv1d(n_channels, n_channels, size, padding=size // 2) for _ in range(n_layers))
        self.output = nn.Linear(2 * n_channels, n_features)

    def forward(self, tokens: Tensor) -> Tensor:
        """Features, shape (n_units, n_features)."""
        tokens = tokens.long()
        lengths = (tokens != self.n_letters).cumprod(1).sum(1)
        tokens = tokens[:, : int(lengths.max().clamp_min(1))]
        is_letter = (torch.arange(tokens.shape[1], device=tokens.device) < lengths[:, None])[:, None]
        x = one_hot(tokens, self.n_letters + 1)[..., :-1].transpose(1, 2).to(self.output.weight.dtype)
        x = gelu(self.input(x)) * is_letter
        for norm, layer in zip(self.norms, self.layers, strict=True):
            x = x + gelu(layer(norm(x.transpose(1, 2)).transpose(1, 2) * is_letter)) * is_letter
        mean = x.sum(2) / lengths[:, None].clamp_min(1)
        greatest = x.masked_fill(~is_letter, -torch.inf).amax(2)
        return self.output(torch.cat([mean, greatest], dim=1))
