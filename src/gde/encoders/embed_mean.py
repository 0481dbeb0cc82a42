"""The end of a pass: means and their covariances become embeddings and theirs."""

from itertools import chain

import torch
from torch import Tensor

from gde.encoders.head_derivatives import head_derivatives
from gde.encoders.set_encoder import SetEncoder


@torch.no_grad()
def embed_mean(encoder: SetEncoder, mean: Tensor, covariance: Tensor) -> tuple[Tensor, Tensor]:
    r"""Embeddings of sets, and their covariances by the delta method, for an encoder of one pass.

    .. math:: z = h(m), \qquad \Sigma_z = J\,\Sigma_m J^\top, \qquad J = \partial h / \partial m.

    Parameters
    ----------
    encoder
        A set encoder of one pass.
    mean, covariance
        Pooled means, (n_sets, width of the pass), and their covariances, (n_sets, width of the pass, width of the pass).

    Returns
    -------
    Embeddings, shape (n_sets, n_latent), on the encoder's device, and covariances, shape (n_sets, n_latent, n_latent), float64, on the CPU.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Moments, embed_mean
    >>> z, covariance = embed_mean(Moments(2, 2), torch.ones(1, 2), torch.eye(2)[None])
    >>> covariance
    tensor([[[1., 0.],
             [0., 1.]]], dtype=torch.float64)
    """
    mean = mean.to(next(chain(encoder.parameters(), encoder.buffers()), mean))
    (jacobian,) = head_derivatives(encoder, [mean])
    jacobian = jacobian.cpu().double()
    return encoder.head([mean]), jacobian @ covariance.cpu().double() @ jacobian.mT
