"""What every encoder without weights is."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from gde.encoders.pool_chunks import pool_chunks
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


class FixedEncoder(SetEncoder):
    r"""Statistics of a set, on the scale that they have over the training sets; nothing is learnt.

    .. math:: z = \big((t_1, \dots, t_K) - c\big) / s, \qquad t_k = t_k(m_1, \dots, m_K),

    where m are the pooled means, c the mean of the statistics t over the training sets, and s, one number, the root of the mean square of what is left. So z
    has entries of order one, and its distances are proportional to those of the statistics. Where one statistic varies much less than another,
    generators could hardly see it: they read each in its own scale, see :meth:`condition`. A subclass writes ``features`` and, if the statistics are
    not the pooled means themselves, ``statistics``.

    Parameters
    ----------
    n_features
        Width of a unit's features.
    widths
        Width of the statistics of each pass; ``n_latent`` is their sum.
    """

    is_fixed = True
    shift: Tensor
    scale: Tensor
    spread: Tensor

    def __init__(self, n_features: int, widths: Sequence[int]):
        super().__init__(n_features, sum(widths))
        self.n_passes = len(widths)
        self._widths = list(widths)
        self.register_buffer("shift", torch.zeros(self.n_latent))
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("spread", torch.ones(self.n_latent))

    def statistics(self, means: Sequence[Tensor]) -> list[Tensor]:
        """What z is made of, (n_sets, width) for each pass: the pooled means."""
        return list(means)

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[SetBatch]]) -> None:
        """Set shift and scales from the training sets."""
        n_sets = next(iter(chunks())).n_sets
        statistics = torch.cat(self.statistics(pool_chunks(self, chunks, n_sets)), dim=1)
        self.shift.copy_(statistics.mean(0))
        rest = statistics - self.shift
        self.scale.copy_(_size(rest))
        passes = (rest / self.scale).split(self._widths, dim=1)
        self.spread.copy_(torch.cat([_size(part).expand(part.shape[1]) for part in passes]))

    def head(self, means: Sequence[Tensor]) -> Tensor:
        """The statistics on their scale, shape (n_sets, n_latent)."""
        return (torch.cat(self.statistics(means), dim=1) - self.shift) / self.scale

    def condition(self, z: Tensor) -> Tensor:
        """The statistics of each pass divided by the root of their mean square."""
        return z / self.spread


def _size(values: Tensor) -> Tensor:
    """Root of the mean square; 1 where a single training set, or sets that do not differ, say nothing about it."""
    size = values.square().mean().sqrt()
    return torch.where(size > 1e-6, size, torch.ones_like(size))
