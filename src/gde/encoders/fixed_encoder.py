"""What every encoder without weights is."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from gde.encoders.pool_chunks import pool_chunks
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


class FixedEncoder(SetEncoder):
    r"""Statistics of a set, on the scale that they have over the training sets; nothing is learnt.

    .. math:: z = \big((m_1, \dots, m_K) - c\big) / s,

    where m are the pooled means, c their mean over the training sets, and s, one number for each pass, the root of the mean square of what
    is left. So z has entries of order one, as generators want, and distances within a pass keep their proportions. A subclass writes
    ``features``.

    Parameters
    ----------
    n_features
        Width of a unit's features.
    widths
        Width of each pass; ``n_latent`` is their sum.
    """

    is_fixed = True
    shift: Tensor
    scale: Tensor

    def __init__(self, n_features: int, widths: Sequence[int]):
        super().__init__(n_features, sum(widths))
        self.n_passes = len(widths)
        self._widths = list(widths)
        self.register_buffer("shift", torch.zeros(self.n_latent))
        self.register_buffer("scale", torch.ones(self.n_latent))

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[SetBatch]]) -> None:
        """Set shift and scale from the training sets."""
        n_sets = next(iter(chunks())).n_sets
        statistics = torch.cat(pool_chunks(self, chunks, n_sets), dim=1)
        self.shift.copy_(statistics.mean(0))
        passes = (statistics - self.shift).split(self._widths, dim=1)
        scale = torch.cat([part.square().mean().sqrt().expand(part.shape[1]) for part in passes])
        # A single training set, or sets that do not differ, say nothing about the scale.
        self.scale.copy_(torch.where(scale > 1e-6, scale, torch.ones_like(scale)))

    def head(self, means: Sequence[Tensor]) -> Tensor:
        """The statistics on their scale, shape (n_sets, n_latent)."""
        return (torch.cat(list(means), dim=1) - self.shift) / self.scale
