"""How far groups are from a first one along the cloud of all."""

import numpy as np
from numpy.typing import ArrayLike

from gde.metrics._group_distances import Metric, group_distances

_STATIONARY = 0.9994  # as scanpy: components that hardly decay would drown all others


def diffusion_pseudotime(
    embeddings: ArrayLike, root: int, *, n_neighbors: int = 15, n_components: int = 10, metric: Metric = "euclidean"
) -> np.ndarray:
    r"""Diffusion pseudotime: distance of each group from a root by random walks of all lengths.

    .. math::
        \mathrm{dpt}^2(x) = \sum_{i=2}^{c} \Big(\frac{\lambda_i}{1-\lambda_i}\Big)^2 \big(\psi_i(x) - \psi_i(\text{root})\big)^2

    with eigenvalues and eigenvectors of the symmetric transition matrix of a Gaussian kernel that is normalised by density, and whose width at a group is half the distance to its k-th nearest
    group. The kernel is dense, as there are few groups.

    Parameters
    ----------
    embeddings
        Embeddings, groups x dimensions; or a matrix of distances, groups x groups, with ``metric="precomputed"``.
    root
        Row of the group where time starts.
    n_neighbors
        k; of fewer groups, all others.
    n_components
        c, with the stationary one.
    metric
        ``"euclidean"`` or ``"precomputed"``.

    Returns
    -------
    Pseudotime of each group, divided by its maximum: 0 at the root, at most 1.

    References
    ----------
    Haghverdi, L., Büttner, M., Wolf, F. A., Buettner, F. & Theis, F. J. Diffusion pseudotime robustly reconstructs lineage branching. *Nature Methods* 13, 845–848 (2016).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import diffusion_pseudotime
    >>> angle = np.linspace(0, 5, 30)  # most of a circle: time goes along it, not across
    >>> time = diffusion_pseudotime(np.column_stack([np.cos(angle), np.sin(angle)]), root=0, n_neighbors=4)
    >>> bool((np.diff(time) > 0).all())
    True
    """
    distance = group_distances(embeddings, metric)
    if not 0 <= root < len(distance):
        raise ValueError(f"root={root}: expected the row of one of the {len(distance)} groups.")
    values, vectors = np.linalg.eigh(_transitions(distance, min(n_neighbors, len(distance) - 1)))
    values, vectors = values[::-1][:n_components], vectors[:, ::-1][:, :n_components]
    decays = values < _STATIONARY
    weight = np.divide(values, 1 - values, out=np.ones_like(values), where=decays)
    time = np.sqrt(((weight * (vectors - vectors[root])) ** 2).sum(1))
    return time / time.max() if time.max() > 0 else time


def _transitions(distance: np.ndarray, k: int) -> np.ndarray:
    """Symmetric form of the transition matrix of a Gaussian kernel of local width, normalised by density."""
    width = np.maximum(np.sort(distance, axis=1)[:, k] / 2, np.finfo(float).tiny ** 0.25)
    squares = width[:, None] ** 2 + width**2
    kernel = np.sqrt(2 * np.outer(width, width) / squares) * np.exp(-(distance**2) / squares)
    density = kernel.sum(0)
    kernel = kernel / np.outer(density, density)
    degree = np.sqrt(kernel.sum(0))
    return kernel / np.outer(degree, degree)
