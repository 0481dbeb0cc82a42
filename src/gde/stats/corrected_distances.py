"""Distances of groups without the noise of their samples."""

import numpy as np


def corrected_distances(embeddings: np.ndarray, covariances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Squared distances between embeddings, corrected for sampling noise, and their standard errors.

    .. math:: \hat D_{ab} = \lVert d \rVert^2 - \mathrm{tr}\,\Sigma, \qquad d = z_a - z_b, \qquad \Sigma = \Sigma_a + \Sigma_b.

    Noise makes any two groups look apart: :math:`E\lVert d \rVert^2 = \lVert \delta \rVert^2 + \mathrm{tr}\,\Sigma` where δ is the true difference and the groups
    share no units (quadratic forms of a normal vector; Searle 1971, *Linear Models*, section 2.5). The corrected distance has the expectation
    :math:`\lVert \delta \rVert^2` (up to the curvature of the encoder, which is of order 1 / m), so it may be negative, and is zero on average between two samples
    of one group. Its variance is, from the same source,

    .. math:: \mathrm{Var}\,\hat D_{ab} = 4\, \delta^\top \Sigma\, \delta + 2\, \mathrm{tr}\,\Sigma^2,

    where :math:`\max(d^\top \Sigma\, d - \mathrm{tr}\,\Sigma^2, 0)` stands for :math:`\delta^\top \Sigma\, \delta`, since d itself would count its noise twice.

    Parameters
    ----------
    embeddings
        Embeddings, shape (n_groups, n_latent).
    covariances
        Their covariances, shape (n_groups, n_latent, n_latent).

    Returns
    -------
    Squared distances and standard errors, each (n_groups, n_groups), in squared units of z; zero on the diagonal, NaN where a covariance is.

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.stats import corrected_distances
    >>> squared, error = corrected_distances(np.array([[0.0], [3.0]]), np.array([[[0.5]], [[0.5]]]))
    >>> float(squared[0, 1]), float(error[0, 1].round(2))  # 9 - 1, and the root of 4 (9 - 1) + 2
    (8.0, 5.83)
    """
    z, sigma = np.asarray(embeddings, dtype=float), np.asarray(covariances, dtype=float)
    if z.ndim != 2 or sigma.shape != (*z.shape, z.shape[-1]):
        raise ValueError(
            f"`covariances` must have a matrix for each row of `embeddings`: {z.shape} and {sigma.shape} do not fit."
        )
    flat = sigma.reshape(len(z), -1)
    trace, products = np.trace(sigma, axis1=1, axis2=2), flat @ flat.T
    square_trace = 2 * products + np.diag(products) + np.diag(products)[:, None]  # of the sum of two covariances
    squared, along = np.zeros_like(products), np.zeros_like(products)
    for a, own in enumerate(sigma):  # row by row: all pairs of differences at once may not fit into memory
        d = z - z[a]
        squared[a] = np.square(d).sum(1) - trace - trace[a]
        along[a] = np.einsum("bi,bij,bj->b", d, sigma + own, d, optimize=True)
    error = np.sqrt(4 * np.maximum(along - square_trace, 0) + 2 * square_trace)
    for matrix in (squared, error):
        np.fill_diagonal(matrix, 0)
    return squared, error
