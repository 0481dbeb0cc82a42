"""One pass over groups of any size, with second moments."""

from collections.abc import Callable, Iterable

import torch

from gde.encoders.pooled_covariance import PooledCovariance
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


@torch.inference_mode()
def pool_covariance(encoder: SetEncoder, chunks: Callable[[], Iterable[SetBatch]], n_sets: int) -> PooledCovariance:
    """Means and second moments of the features of sets whose units come in chunks, for an encoder of one pass.

    Parameters
    ----------
    encoder
        A set encoder of one pass.
    chunks, n_sets
        See :func:`embed_chunks`; called once.

    Returns
    -------
    The pooled features; of their ``moments`` :func:`embed_moments` makes embeddings and covariances.

    Raises
    ------
    ValueError
        If the encoder has several passes: what a unit adds to a later one depends on all units of its set.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Moments, pool_covariance
    >>> from gde.nn import SetBatch
    >>> parts = [SetBatch(torch.tensor([[x]]), torch.zeros(1, dtype=torch.long), torch.ones(1), 1) for x in (1.0, 3.0)]
    >>> moments = pool_covariance(Moments(1, 1), lambda: parts, 1).moments
    >>> moments["mean"].item(), moments["scatter"].item()
    (2.0, 2.0)
    """
    if encoder.n_passes > 1:
        raise ValueError(
            f"The encoder {encoder.name} goes through the units {encoder.n_passes} times, so means of the first time alone do not give its "
            "embeddings. Use an encoder of one pass, such as 'deep_sets' or 'attention'."
        )
    pooled = PooledCovariance(n_sets)
    for chunk in chunks():
        features = encoder.features(chunk.units, [], chunk.set_of_unit)
        pooled.update(features, chunk.set_of_unit, chunk.weight)
    return pooled
