"""The end of a pass: moments of the features become embeddings and their covariances."""

from collections.abc import Mapping
from itertools import chain

import torch
from torch import Tensor

from gde.encoders.covariance_through import covariance_through
from gde.encoders.head_derivatives import head_derivatives
from gde.encoders.set_encoder import SetEncoder


@torch.no_grad()
def embed_moments(encoder: SetEncoder, moments: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    r"""Embeddings of sets, and their covariances by the delta method, for an encoder of one pass.

    .. math:: z = h(m), \qquad \Sigma_z = J\,\Sigma_m J^\top, \qquad J = \partial h / \partial m.

    Parameters
    ----------
    encoder
        A set encoder of one pass.
    moments
        From :func:`pool_covariance`.

    Returns
    -------
    Embeddings, shape (n_sets, n_latent), on the encoder's device, and covariances, shape (n_sets, n_latent, n_latent), float64, on the CPU; NaN for
    sets of one unit.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Moments, embed_moments
    >>> two, zero = torch.full((1,), 2.0), torch.zeros(1, 1)  # the units -1 and 1
    >>> moments = {"weight": two, "squared_weight": two, "mean": zero, "squared_mean": zero}
    >>> embed_moments(Moments(1, 1), moments | {"scatter": torch.full((1, 1, 1), 2.0)})
    (tensor([[0.]]), tensor([[[1.]]], dtype=torch.float64))
    """
    mean = moments["mean"].to(next(chain(encoder.parameters(), encoder.buffers()), moments["mean"]))
    return encoder.head([mean]), covariance_through(moments, head_derivatives(encoder, [mean])[0])
