"""Passes over groups of any size in constant memory."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from gde.encoders.pooled_mean import PooledMean
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


@torch.inference_mode()
def pool_chunks(
    encoder: SetEncoder, chunks: Callable[[], Iterable[SetBatch]], n_sets: int, n_passes: int | None = None
) -> list[Tensor]:
    """Pooled means of sets whose units come in chunks.

    Each pass of the encoder goes through the chunks once; between passes only the pooled means are kept.

    Parameters
    ----------
    encoder
        Any set encoder.
    chunks, n_sets
        See :func:`embed_chunks`.
    n_passes
        How many of the encoder's passes; None: all of them.

    Returns
    -------
    Means of each pass, (n_sets, width of the pass), on the encoder's device.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Moments, pool_chunks
    >>> from gde.nn import SetBatch
    >>> parts = [SetBatch(torch.tensor([[x]]), torch.zeros(1, dtype=torch.long), torch.ones(1), 1) for x in (1.0, 3.0)]
    >>> pool_chunks(Moments(1, 2), lambda: parts, 1)
    [tensor([[2.]]), tensor([[1.]])]
    """
    means: list[Tensor] = []
    for _ in range(encoder.n_passes if n_passes is None else n_passes):
        pooled = PooledMean(n_sets)
        for chunk in chunks():
            features = encoder.features(chunk.units, means, chunk.set_of_unit)
            pooled.update(features, chunk.set_of_unit, chunk.weight)
        means.append(pooled.value.to(features))
    return means
