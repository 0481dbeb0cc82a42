"""Embeddings of groups of any size, and how well they are known."""

from collections.abc import Callable, Iterable
from itertools import chain

import torch
from torch import Tensor

from gde.encoders.head_derivatives import head_derivatives
from gde.encoders.pool_covariance import pool_covariance
from gde.encoders.pooled_covariance import PooledCovariance
from gde.encoders.set_encoder import SetEncoder
from gde.encoders.total_derivatives import total_derivatives
from gde.encoders.unit_influence import unit_influence
from gde.nn import SetBatch

MAX_SETS = 2000  # whose second moments of 128 features take 256 MB; for more sets, a second pass needs less


@torch.no_grad()
def embed_with_covariance(
    encoder: SetEncoder, chunks: Callable[[], Iterable[SetBatch]], n_sets: int
) -> tuple[Tensor, Tensor]:
    r"""Embed sets whose units come in chunks, with the covariance that the central limit theorem gives each embedding.

    .. math:: \hat\Sigma_z = \frac{m}{m - 1} \sum_i w_i^2\, \mathrm{IF}_i \mathrm{IF}_i^\top, \qquad \sum_i w_i = 1,

    with the influences of :func:`unit_influence` and the correction of :func:`covariance_of_mean`; van der Vaart 1998, *Asymptotic Statistics*, sections 3.1
    and 20.1. It is how much z would vary if the units of the set were drawn again, to first order: units that are not independent (copies, say)
    make it too small. An encoder of one pass needs one pass, :math:`J\,\mathrm{Cov}(m)\,J^\top`; one of K passes needs 2 K.

    Parameters
    ----------
    encoder
        Any set encoder.
    chunks, n_sets
        See :func:`embed_chunks`.

    Returns
    -------
    Embeddings, shape (n_sets, n_latent), on the encoder's device, and covariances, shape (n_sets, n_latent, n_latent), float64, on the CPU; NaN for
    sets of one unit.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import DeepSets, embed_with_covariance
    >>> from gde.nn import SetBatch
    >>> batch = SetBatch(torch.randn(10, 2), torch.zeros(10, dtype=torch.long), torch.ones(10), n_sets=1)
    >>> z, covariance = embed_with_covariance(DeepSets(2, 3), lambda: [batch], 1)
    >>> z.shape, covariance.shape
    (torch.Size([1, 3]), torch.Size([1, 3, 3]))
    """
    if encoder.n_passes == 1 and n_sets <= MAX_SETS:
        pooled = pool_covariance(encoder, chunks, n_sets)
        mean = pooled.mean.value.to(next(chain(encoder.parameters(), encoder.buffers()), pooled.mean.value))
        return encoder.head([mean]), pooled.through(head_derivatives(encoder, [mean])[0])
    means, derivatives = total_derivatives(encoder, chunks, n_sets)
    pooled = PooledCovariance(n_sets)
    for chunk in chunks():
        pooled.update(unit_influence(encoder, chunk, means, derivatives), chunk.set_of_unit, chunk.weight)
    return encoder.head(means), pooled.value
