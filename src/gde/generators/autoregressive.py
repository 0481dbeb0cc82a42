"""A small causal transformer."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from gde.generators.token_generator import TokenGenerator
from gde.nn import CausalBlock, Context, Covariates, CovariateSizes

PRIOR = 5.0  # letters of the whole data that are added to those of each place

State = tuple[int, list[tuple[Tensor, Tensor]]]  # number of places so far, and the caches of the layers


class Autoregressive(TokenGenerator):
    """A causal transformer from scratch: z is what it reads before the first letter, and is added again at every layer.

    The logits are added to those of the letters at each place in the training sequences, so that lengths and conserved places need no learning.

    Parameters
    ----------
    n_vectors, n_latent, covariates, n_letters, letter_dropout
        See :class:`gde.generators.TokenGenerator`.
    n_hidden
        Width of the layers.
    n_layers
        Number of layers.
    n_heads
        Number of heads of the attention; divides the width.

    Examples
    --------
    >>> import torch
    >>> from gde.generators import Autoregressive
    >>> from gde.nn import Covariates, SetNoise
    >>> generator = Autoregressive(n_vectors=6, n_latent=3, n_letters=4, n_hidden=16)
    >>> covariates = Covariates(torch.zeros(5, 0, dtype=torch.long), torch.zeros(5, 0))
    >>> noise = SetNoise(seeds=[0, 1], sizes=[3, 2], device="cpu")
    >>> generator.sample(torch.zeros(2, 3), torch.tensor([0, 0, 0, 1, 1]), covariates, noise).shape
    torch.Size([5, 6])
    """

    def __init__(
        self,
        n_vectors: int,
        n_latent: int,
        covariates: CovariateSizes | None = None,
        *,
        n_letters: int,
        n_hidden: int = 64,
        n_layers: int = 2,
        n_heads: int = 4,
        letter_dropout: float = 0.1,
    ):
        super().__init__(n_vectors, n_latent, covariates, n_letters=n_letters, letter_dropout=letter_dropout)
        if n_hidden % n_heads:
            raise ValueError(f"`n_hidden` must be a multiple of `n_heads`, got {n_hidden} and {n_heads}.")
        self.n_hidden = n_hidden
        self.context = Context(n_latent, self.covariates, (1 + n_layers) * n_hidden)
        self.letters = nn.Embedding(n_letters + 1, n_hidden)
        self.places = nn.Parameter(0.1 * torch.randn(n_vectors, n_hidden))
        self.blocks = nn.ModuleList(CausalBlock(n_hidden, n_heads) for _ in range(n_layers))
        last = nn.Linear(n_hidden, n_letters + 1)
        nn.init.normal_(last.weight, std=0.02)  # so that little is added at the start
        nn.init.zeros_(last.bias)
        self.output = nn.Sequential(nn.LayerNorm(n_hidden), last)
        self.offset = nn.Parameter(torch.zeros(n_vectors, n_letters + 1))

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Begin with the letters, and the end, that each place has in the training sequences."""
        counts = torch.zeros_like(self.offset)
        for tokens in map(Tensor.long, chunks()):
            counts += (one_hot(tokens, self.n_letters + 1) * self.is_scored(tokens)[:, :, None]).sum(0)
        counts += PRIOR * (counts.sum(0) + 1) / (counts.sum() + counts.shape[1])
        self.offset.copy_((counts / counts.sum(1, keepdim=True)).log())

    def read_context(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates) -> Tensor:
        """What is read first, and what each layer adds, shape (n_units, (1 + n_layers) * n_hidden)."""
        return self.context(z, set_of_unit, covariates)

    def logits(self, tokens: Tensor, context: Tensor) -> Tensor:
        """Logits at all places, shape (n_units, n_places, n_letters + 1)."""
        first, *added = context.split(self.n_hidden, dim=1)
        x = torch.cat([first[:, None], self.letters(tokens)], dim=1)
        x = x + self.places[: x.shape[1]]
        for block, part in zip(self.blocks, added, strict=True):
            x, _ = block(x, part)
        return self.output(x) + self.offset[: x.shape[1]]

    def next_logits(self, letter: Tensor | None, context: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Logits of the next place, from the keys and values of earlier ones."""
        first, *added = context.split(self.n_hidden, dim=1)
        place, caches = (0, [None] * len(self.blocks)) if state is None else state
        x = (first if letter is None else self.letters(letter))[:, None] + self.places[place]
        new = []
        for block, part, cache in zip(self.blocks, added, caches, strict=True):
            x, cache = block(x, part, cache)
            new.append(cache)
        return self.output(x[:, 0]) + self.offset[place], (place + 1, new)
