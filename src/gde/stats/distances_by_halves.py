"""Distances of groups without the noise of their samples, whatever the encoder's curvature."""

import numpy as np


def distances_by_halves(halves: np.ndarray, covariances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Squared distances between groups from two halves of each, and their standard errors.

    .. math:: \hat D_{ab} = d_1^\top d_2, \qquad d_k = z_{ak} - z_{bk},

    where :math:`z_{ak}` is the embedding of half k of group a. The halves share no units, so the noises of :math:`d_1` and :math:`d_2` are independent and
    :math:`E\hat D_{ab} = \lVert E d \rVert^2` exactly: it is zero on average between two samples of one size of one group, with no approximation of the encoder
    (the cross-validated distance of Walther et al. 2016, *NeuroImage* 137, 188–200). Groups of very different size come out too far apart, since an
    encoder's curvature moves embeddings of few units. :func:`corrected_distances` leans on a linear
    approximation instead, which overstates the noise of few units; it varies less. With :math:`\Sigma_k` the covariance of
    :math:`d_k` and δ the true difference,

    .. math:: \mathrm{Var}\,\hat D_{ab} = \delta^\top (\Sigma_1 + \Sigma_2)\, \delta + \mathrm{tr}\,\Sigma_1 \Sigma_2,

    where :math:`\max(d_k^\top \Sigma_l d_k - \mathrm{tr}\,\Sigma_k \Sigma_l, 0)`, l ≠ k, stands for :math:`\delta^\top \Sigma_l\, \delta`.

    Parameters
    ----------
    halves
        Embeddings of the two halves of each group, shape (n_groups, 2, n_latent).
    covariances
        Their covariances, shape (n_groups, 2, n_latent, n_latent).

    Returns
    -------
    Squared distances and standard errors, each (n_groups, n_groups), in squared units of z; zero on the diagonal; NaN where a half is, and errors also where its covariance is.

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.stats import distances_by_halves
    >>> halves = np.array([[[0.0], [1.0]], [[3.0], [5.0]]])
    >>> squared, error = distances_by_halves(halves, np.full((2, 2, 1, 1), 0.5))
    >>> float(squared[0, 1]), float(error[0, 1].round(2))  # 3 * 4, and the root of (9 - 1) + (16 - 1) + 1
    (12.0, 4.9)
    """
    z, sigma = np.asarray(halves, dtype=float), np.asarray(covariances, dtype=float)
    if z.ndim != 3 or z.shape[1] != 2 or sigma.shape != (*z.shape, z.shape[-1]):
        raise ValueError(
            f"`halves` must be (n_groups, 2, n_latent), with a matrix in `covariances` for each: {z.shape} and {sigma.shape} do not fit."
        )
    squared, error = np.zeros((2, len(z), len(z)))
    for a in range(len(z)):  # row by row: all pairs of differences at once may not fit into memory
        d, both = z - z[a], sigma + sigma[a]
        squared[a] = (d[:, 0] * d[:, 1]).sum(1)
        noise = np.einsum("bij,bji->b", both[:, 0], both[:, 1])
        along = (np.einsum("bi,bij,bj->b", d[:, k], both[:, 1 - k], d[:, k], optimize=True) - noise for k in (0, 1))
        error[a] = np.sqrt(sum(np.maximum(part, 0) for part in along) + noise)
    for matrix in (squared, error):
        np.fill_diagonal(matrix, 0)
    return squared, error
