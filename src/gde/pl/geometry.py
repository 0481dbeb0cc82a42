"""Latent distance against Wasserstein distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gde.pl._finish import OKABE_ITO, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gde.model import GeometryCertificate


def geometry(
    certificate: GeometryCertificate,
    *,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw the latent distance of each pair of groups against their Wasserstein distance, as a model's certificate has them.

    The line is the median distance of two halves of one group: what is to the left of it is no further apart than chance puts a group from itself.

    Parameters
    ----------
    certificate
        From :meth:`gde.GDEModel.certify_geometry`, or ``model.geometry_``.
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes.

    Raises
    ------
    ValueError
        If there is no certificate, or it comes from a version that did not keep the distances.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=6, n_units=40, n_genes=50)
    >>> new = gde.datasets.simulate_cohort(n_donors=6, n_units=40, n_genes=50, seed=1)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> ax = gde.pl.geometry(model.certify_geometry(new), show=False)
    >>> ax.get_ylabel()
    'latent distance'
    """
    import matplotlib.pyplot as plt

    if certificate is None or not len(certificate.distances):
        raise ValueError("`certificate` has no distances: make it with `model.certify_geometry()`.")
    show = ax is None if show is None else show
    if ax is None:
        ax = plt.subplots(figsize=(4.2, 3.6), layout="constrained")[1]
    latent, w2 = np.asarray(certificate.distances).T
    size = float(np.clip(4000 / len(w2), 4, 18))
    ax.scatter(w2, latent, s=size, color=OKABE_ITO[0], alpha=0.5, linewidths=0, rasterized=True)
    ax.axvline(certificate.w2_floor, color=OKABE_ITO[5], linestyle="--", linewidth=1, label="two halves of one group")
    ax.set(xlabel="Wasserstein distance W2", ylabel="latent distance", ylim=(0, None))
    ax.set_xlim(0, 1.05 * max(float(w2.max()), certificate.w2_floor))
    fit = certificate.agreement
    ax.set_title(
        f"{certificate.n_groups} groups: Spearman {fit.correlation:.2f} [{fit.low:.2f}, {fit.high:.2f}]", fontsize=10
    )
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    return finish(ax, show=show, save=save)
