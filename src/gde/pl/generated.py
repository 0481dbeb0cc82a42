"""Real and generated units side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse as sp
from sklearn.decomposition import PCA

from gde.pl._finish import finish, palette

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes


def generated(
    real: AnnData,
    new: AnnData,
    *,
    layer: str | None = None,
    obsm_key: str | None = None,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw real and generated units in one plane: the first two principal components of the real ones.

    Parameters
    ----------
    real, new
        Real units, and units from :meth:`gde.GDEModel.generate`.
    layer, obsm_key
        Where the units are, as in ``setup_anndata``. Counts are log-normalised to the median library size of the real units.
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes.

    Examples
    --------
    >>> import gde
    >>> import numpy as np
    >>> from anndata import AnnData
    >>> counts = AnnData(np.random.default_rng(0).poisson(2.0, size=(30, 5)).astype(float))
    >>> gde.pl.generated(counts, counts, show=False).get_title()
    '30 real and 30 generated units'
    """
    import matplotlib.pyplot as plt

    show = ax is None if show is None else show
    if ax is None:
        ax = plt.subplots(figsize=(5, 4), layout="constrained")[1]
    values = [
        adata.obsm[obsm_key] if obsm_key else adata.X if layer is None else adata.layers[layer] for adata in (real, new)
    ]
    if obsm_key is None:
        scale = float(np.median(np.maximum(np.asarray(values[0].sum(axis=1)).ravel(), 1)))
        values = [_log_normalise(x, scale) for x in values]
    space = PCA(2, random_state=0).fit(values[0])
    for x, label, colour in zip(values, ["real", "generated"], palette(2), strict=True):
        points = space.transform(x)
        ax.scatter(points[:, 0], points[:, 1], s=6, alpha=0.5, linewidths=0, color=colour, label=label, rasterized=True)
    ax.legend(frameon=False, markerscale=2.5)
    ax.set(xlabel="PC 1 of real units", ylabel="PC 2 of real units", xticks=[], yticks=[])
    ax.set_title(f"{real.n_obs} real and {new.n_obs} generated units", fontsize=10)
    return finish(ax, show=show, save=save)


def _log_normalise(counts: np.ndarray | sp.spmatrix, scale: float) -> np.ndarray:
    dense = sp.csr_matrix(counts).toarray()
    return np.log1p(dense * (scale / np.maximum(dense.sum(axis=1, keepdims=True), 1)))
