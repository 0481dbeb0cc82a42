"""A group from its parts."""

import numpy as np


def combine_parts(
    composition: np.ndarray, n_units: np.ndarray, embeddings: np.ndarray, covariances: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    r"""Composition-weighted means of the embeddings of parts, and their covariances.

    .. math::
        z_d = \sum_t p_{dt}\, z_{dt}, \qquad
        \Sigma_d = \frac{1}{n_d - 1}\Big(\sum_t p_{dt}\, z_{dt} z_{dt}^\top - z_d z_d^\top\Big) + \sum_t p_{dt}^2\, \Sigma_{dt}.

    The first part of the covariance is that of the counts of a multinomial, the second what is not known of the parts: the law of total variance.

    Parameters
    ----------
    composition
        Share of each part, shape (n_groups, n_parts); rows sum to 1.
    n_units
        Number of units of each group, shape (n_groups,).
    embeddings
        Embeddings of the parts, shape (n_groups, n_parts, n_latent); those whose share is zero are not looked at.
    covariances
        Their covariances, shape (n_groups, n_parts, n_latent, n_latent); None: unknown.

    Returns
    -------
    Embeddings (n_groups, n_latent) and covariances (n_groups, n_latent, n_latent), or None.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.stats import combine_parts
    >>> z, _ = combine_parts(
    ...     np.array([[0.25, 0.75], [1.0, 0.0]]), np.array([8, 8]), np.array([[[0.0], [4.0]], [[1.0], [np.nan]]])
    ... )
    >>> z.ravel()
    array([3., 1.])
    """
    p = composition
    z_parts = np.where(p[:, :, None] > 0, embeddings, 0)
    z = np.einsum("dt,dti->di", p, z_parts)
    if covariances is None:
        return z, None
    spread = np.einsum("dt,dti,dtj->dij", p, z_parts, z_parts) - np.einsum("di,dj->dij", z, z)
    within = np.einsum("dt,dtij->dij", p**2, np.where(p[:, :, None, None] > 0, covariances, 0))
    return z, spread / np.maximum(n_units - 1, 1)[:, None, None] + within
