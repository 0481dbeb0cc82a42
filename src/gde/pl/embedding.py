"""Groups in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gde.pl._finish import finish, palette
from gde.stats import confidence_region

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes


def embedding(
    groups: AnnData,
    *,
    basis: str = "X_gde",
    color: str | None = None,
    labels: bool = True,
    ellipses: bool = True,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw groups at the first two principal components of their embeddings, with their names.

    Parameters
    ----------
    groups
        One row per group, from :func:`gde.get.group_adata`.
    basis
        Embedding in ``.obsm``; one of two columns is drawn as it is.
    color
        Column of ``.obs``, categorical or numeric.
    labels
        Whether to write the names of the groups.
    ellipses
        Whether to draw where each embedding may lie with 95 % confidence, if the groups have covariances (``get_group_embeddings(return_cov=True)``).
        An ellipse covers that of its group in the plane alone, taken as given: Hotelling's region of two coordinates (:func:`gde.stats.confidence_region`),
        for groups of more than 3 units.
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
    >>> groups = AnnData(np.eye(3), obsm={"X_gde": np.eye(3)})
    >>> gde.pl.embedding(groups, show=False).get_xlabel()
    'PC 1 (50 %)'
    """
    import matplotlib.pyplot as plt

    show = ax is None if show is None else show
    if ax is None:
        ax = plt.subplots(figsize=(5, 4), layout="constrained")[1]
    points, names, axes = _plane(np.asarray(groups.obsm[basis], dtype=float))
    values = groups.obs[color] if color is not None else None
    style: dict[str, Any] = {"s": 45, "edgecolors": "white", "linewidths": 0.6, "zorder": 3}
    if (
        values is not None
        and pd.api.types.is_numeric_dtype(values)
        and not isinstance(values.dtype, pd.CategoricalDtype)
    ):
        dots = ax.scatter(points[:, 0], points[:, 1], c=values, cmap="viridis", **style)
        ax.figure.colorbar(dots, ax=ax, label=color)
        colours = dots.to_rgba(values)
    else:
        categories = pd.Categorical(values if values is not None else [""] * len(points))
        by_category = palette(len(categories.categories))
        colours = np.array([*by_category, "0.5"])[categories.codes]  # a missing category has the code -1
        for category, colour in zip(categories.categories, by_category, strict=True):
            ax.scatter(*points[categories == category].T, color=colour, label=str(category), **style)
        if color is not None:
            ax.legend(title=color, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    if ellipses and f"{basis}_covariance" in groups.obsm:
        _draw_ellipses(ax, groups, points, axes @ groups.obsm[f"{basis}_covariance"] @ axes.T, colours)
    if labels:
        _write_names(ax, points, groups.obs_names)
    ax.set(xlabel=names[0], ylabel=names[1], xticks=[], yticks=[])
    return finish(ax, show=show, save=save)


def _write_names(ax: Axes, points: np.ndarray, names: pd.Index) -> None:
    """Names beside the points, towards the middle of the axes, whose edge would cut long ones off."""
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    for (x, y), name in zip(points, names, strict=True):
        side, align = (-5, "right") if x > middle else (5, "left")
        ax.annotate(name, (x, y), xytext=(side, 4), textcoords="offset points", ha=align, fontsize=7, color="0.25")


def _draw_ellipses(ax: Axes, groups: AnnData, points: np.ndarray, covariances: np.ndarray, colours: np.ndarray) -> None:
    from matplotlib.patches import Ellipse

    m = groups.obs["n_effective" if "n_effective" in groups.obs else "n_units"].to_numpy(float)
    for point, covariance, n, colour in zip(points, covariances, m, colours, strict=True):
        if n < 2 or not np.isfinite(covariance).all():
            continue
        region = confidence_region(point, covariance, n)
        if region.method == "hotelling":
            minor, major = np.pad(region.axes.T, ((2 - region.axes.shape[1], 0), (0, 0)))  # a flat one has one axis
            width, height = (2 * float(np.linalg.norm(axis)) for axis in (major, minor))
            angle = np.degrees(np.arctan2(major[1], major[0]))
            # The edge shows a flat one, of embeddings that vary along a line.
            style = {"facecolor": colour, "edgecolor": colour, "linewidth": 1.5, "alpha": 0.25, "zorder": 2}
            ax.add_patch(Ellipse(tuple(point), width, height, angle=angle, **style))


def _plane(x: np.ndarray) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Coordinates in the plane, names of its axes, and the axes, (2, width of ``x``)."""
    if x.shape[1] == 2:
        return x, ["1", "2"], np.eye(2)
    u, s, axes = np.linalg.svd(np.pad(x - x.mean(0), ((0, 2), (0, 2))))  # one group or one column have a plane too
    u = u[: len(x)]
    share = s**2 / max((s**2).sum(), np.finfo(float).tiny)
    names = [f"PC {i + 1} ({share[i]:.0%})".replace("%", " %") for i in range(2)]
    return u[:, :2] * s[:2], names, axes[:2, : x.shape[1]]
