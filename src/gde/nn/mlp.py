"""The plain network."""

from torch import nn


class MLP(nn.Sequential):
    """Linear layers with GELU between them, the last one linear.

    Parameters
    ----------
    *sizes
        Widths: input, hidden layers, output.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import MLP
    >>> MLP(3, 8, 2)(torch.zeros(5, 3)).shape
    torch.Size([5, 2])
    """

    def __init__(self, *sizes: int):
        layers: list[nn.Module] = []
        for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
            layers += [nn.Linear(n_in, n_out), nn.GELU()]
        super().__init__(*layers[:-1])
