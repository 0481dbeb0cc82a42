"""A layer of a causal transformer."""

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

Cache = tuple[Tensor, Tensor]  # keys and values of earlier places


class CausalBlock(nn.Module):
    """Self-attention to earlier places, then a small network, both pre-norm and residual, with something added to each unit at the start.

    Vaswani et al. 2017, arXiv 1706.03762; pre-norm: Xiong et al. 2020, arXiv 2002.04745.

    Parameters
    ----------
    width
        Width of input and output.
    n_heads
        Number of heads; divides the width.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import CausalBlock
    >>> block = CausalBlock(8, n_heads=2)
    >>> y, _ = block(torch.zeros(2, 5, 8), torch.zeros(2, 8))
    >>> y.shape
    torch.Size([2, 5, 8])
    """

    def __init__(self, width: int, n_heads: int):
        super().__init__()
        self.n_heads = n_heads
        self.attention_norm = nn.LayerNorm(width)
        self.attention_input = nn.Linear(width, 3 * width)
        self.attention_output = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, 2 * width)
        self.outer = nn.Linear(2 * width, width)

    def forward(self, x: Tensor, added: Tensor, cache: Cache | None = None) -> tuple[Tensor, Cache]:
        """Apply the layer.

        Parameters
        ----------
        x
            Shape (n_units, n_places, width): all places, or with a cache only the next one.
        added
            What is added at every place of a unit, shape (n_units, width).
        cache
            What the layer returned for the places before.

        Returns
        -------
        Output, of the shape of ``x``, and the cache with these places.
        """
        x = x + added[:, None]
        heads = self.attention_input(self.attention_norm(x)).unflatten(2, (3, self.n_heads, -1))
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        if cache is not None:
            key, value = (torch.cat(pair, dim=2) for pair in zip(cache, (key, value), strict=True))
        seen = scaled_dot_product_attention(query, key, value, is_causal=cache is None)
        x = x + self.attention_output(seen.transpose(1, 2).flatten(2))
        return x + self.outer(gelu(self.inner(self.norm(x)))), (key, value)
