"""The one driver that embeds groups of any size in constant memory."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from gde.encoders.pool_chunks import pool_chunks
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


@torch.inference_mode()
def embed_chunks(encoder: SetEncoder, chunks: Callable[[], Iterable[SetBatch]], n_sets: int) -> Tensor:
    """Embed sets whose units come in chunks.

    Each pass of the encoder goes through the chunks once, see :func:`pool_chunks`.

    Parameters
    ----------
    encoder
        Any set encoder.
    chunks
        Called once per pass; gives the same units each time, in batches whose ``set_of_unit`` counts through all ``n_sets`` sets. A set
        may be spread over several chunks, and a chunk may hold several sets.
    n_sets
        Number of sets.

    Returns
    -------
    Embeddings, shape (n_sets, n_latent), on the encoder's device.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import DeepSets, embed_chunks
    >>> from gde.nn import SetBatch
    >>> encoder, units = DeepSets(2, 3), torch.randn(10, 2)
    >>> batch = SetBatch(units, torch.zeros(10, dtype=torch.long), torch.ones(10), n_sets=1)
    >>> parts = [SetBatch(part, torch.zeros(5, dtype=torch.long), torch.ones(5), 1) for part in units.split(5)]
    >>> torch.allclose(embed_chunks(encoder, lambda: parts, 1), encoder(batch), atol=1e-6)
    True
    """
    return encoder.head(pool_chunks(encoder, chunks, n_sets))
