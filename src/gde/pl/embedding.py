"""Groups in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gde.data import near_matches
from gde.pl._colours import MISSING, Palette, category_colours, column
from gde.pl._finish import OKABE_ITO, finish
from gde.pl._write_names import write_names
from gde.stats import ConfidenceRegion, confidence_region

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes

MAX_NAMES = 60  # more cannot be read
AREA, LEAST_AREA = 70.0, 10.0  # of the dot of the largest group, and the smallest that can be seen, in square points


def embedding(
    groups: AnnData,
    *,
    basis: str = "X_gde",
    color: str | None = None,
    palette: Palette | None = None,
    size: str | None = "n_units",
    labels: bool | None = None,
    ellipses: bool = True,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw groups at the first two principal components of their embeddings, with their names.

    If the groups have covariances (``get_group_embeddings(return_cov=True)``), ellipses show where each embedding may lie with 95 % confidence. An
    ellipse covers that of its group in the plane alone, taken as given: Hotelling's region of two coordinates (:func:`gde.stats.confidence_region`), for
    groups of more than 3 units. A group that is too small for it, whose place is known worst of all, is a hollow dot.

    Parameters
    ----------
    groups
        One row per group, from :func:`gde.get.group_adata`.
    basis
        Embedding in ``.obsm``; one of two columns is drawn as it is.
    color
        Column of ``.obs``, categorical or numeric.
    palette
        Colours of the categories: a list, a mapping, or the name of a colour map (which also serves numbers); None: those of ``.uns``, or else colours that
        colour-blind readers can tell apart.
    size
        Column of ``.obs`` that the areas of the dots are proportional to, above a least one; None, or where there is no such column: all the same.
    labels
        Whether to write the names of the groups; None: if there are at most 60.
    ellipses
        Whether to draw ellipses, and hollow dots where there can be none.
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If the embedding or the column of colours is not there.

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

    if basis not in groups.obsm:
        raise KeyError(f"`basis`: {basis!r} is not in `.obsm`. {near_matches(basis, groups.obsm.keys())}")
    show = ax is None if show is None else show
    if ax is None:
        ax = plt.subplots(figsize=(5.8, 4), layout="constrained")[1]
    points, names, axes = _plane(np.asarray(groups.obsm[basis], dtype=float))
    has_regions = ellipses and f"{basis}_covariance" in groups.obsm
    regions: list[ConfidenceRegion | None] = [None] * len(points)
    if has_regions:
        regions = _regions(groups, points, axes @ groups.obsm[f"{basis}_covariance"] @ axes.T)
    is_hollow = np.array([has_regions and region is None for region in regions])
    areas = _areas(groups, size)
    colours, of_colours = _colours(ax, groups, color, palette)
    white = np.ones((1, 4))
    faces, edges = (np.where(is_hollow[:, None], *pair) for pair in ((white, colours), (colours, white)))
    order = np.argsort(-areas, kind="stable")  # small dots lie on top of large ones
    widths = np.where(is_hollow, 1.3, 0.6)
    style: dict[str, Any] = {"facecolors": faces[order], "edgecolors": edges[order], "linewidths": widths[order]}
    ax.scatter(points[order, 0], points[order, 1], s=areas[order], zorder=3, **style)
    _draw_ellipses(ax, regions, colours)
    _add_legend(ax, groups, color, of_colours, areas, size, hollow=bool(is_hollow.any()))
    ax.set(xlabel=names[0], ylabel=names[1], xticks=[], yticks=[])
    ax.margins(0.1)
    if labels or (labels is None and len(points) <= MAX_NAMES):
        write_names(ax, points, groups.obs_names)
    return finish(ax, show=show, save=save)


def _colours(
    ax: Axes, groups: AnnData, color: str | None, palette: Palette | None
) -> tuple[np.ndarray, list[tuple[str, Any]]]:
    """Colour of each group, (n_groups, 4), and what goes into the legend; numbers get a bar."""
    from matplotlib.colors import to_rgba_array

    if color is None:
        return to_rgba_array([OKABE_ITO[0]] * groups.n_obs), []
    values = column(groups, color, "color")
    if isinstance(values.dtype, pd.CategoricalDtype):
        colour_of = category_colours(groups, color, palette)
        colours = to_rgba_array([colour_of.get(value, MISSING) for value in values])
        return colours, [(str(category), colour) for category, colour in colour_of.items()]
    import matplotlib.pyplot as plt
    from matplotlib.cm import ScalarMappable

    cmap = plt.get_cmap(palette if isinstance(palette, str) else "viridis").with_extremes(bad=MISSING)
    scale = ScalarMappable(cmap=cmap)
    scale.set_array(values.to_numpy(float))
    ax.figure.colorbar(scale, ax=ax, label=color)
    return scale.to_rgba(np.ma.masked_invalid(values.to_numpy(float))), []


def _areas(groups: AnnData, size: str | None) -> np.ndarray:
    """Areas of the dots, in square points."""
    if size is None or size not in groups.obs:
        return np.full(groups.n_obs, 45.0)
    values = column(groups, size, "size").to_numpy(float)
    return np.maximum(AREA * values / max(values.max(), 1e-300), LEAST_AREA)


def _add_legend(
    ax: Axes,
    groups: AnnData,
    color: str | None,
    of_colours: list[tuple[str, Any]],
    areas: np.ndarray,
    size: str | None,
    *,
    hollow: bool,
) -> None:
    """What colours, areas and hollow dots mean."""
    from matplotlib.lines import Line2D

    dot: dict[str, Any] = {"marker": "o", "linestyle": "none"}
    handles = [Line2D([], [], color=colour, label=name, **dot) for name, colour in of_colours]
    if areas.max() > 1.5 * areas.min():
        ends = [int(np.argmin(groups.obs[size])), int(np.argmax(groups.obs[size]))]
        handles += [
            Line2D(
                [],
                [],
                color="0.6",
                markersize=np.sqrt(areas[row]),
                label=f"{groups.obs[size].iloc[row]:g} {size}",
                **dot,
            )
            for row in ends
        ]
    if hollow:
        handles.append(
            Line2D([], [], markerfacecolor="white", markeredgecolor="0.3", label="too few units for a region", **dot)
        )
    if handles:
        title = color if of_colours else None
        ax.legend(handles=handles, title=title, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)


def _regions(groups: AnnData, points: np.ndarray, covariances: np.ndarray) -> list[ConfidenceRegion | None]:
    """Joint region of each group in the plane; None where units are too few for it."""
    m = groups.obs["n_effective" if "n_effective" in groups.obs else "n_units"].to_numpy(float)
    regions: list[ConfidenceRegion | None] = []
    for point, covariance, n in zip(points, covariances, m, strict=True):
        region = confidence_region(point, covariance, n) if n >= 2 and np.isfinite(covariance).all() else None
        regions.append(region if region is not None and region.method == "hotelling" else None)
    return regions


def _draw_ellipses(ax: Axes, regions: list[ConfidenceRegion | None], colours: np.ndarray) -> None:
    from matplotlib.patches import Ellipse

    for region, colour in zip(regions, colours, strict=True):
        if region is None:
            continue
        minor, major = np.pad(region.axes.T, ((2 - region.axes.shape[1], 0), (0, 0)))  # a flat one has one axis
        width, height = (2 * float(np.linalg.norm(axis)) for axis in (major, minor))
        angle = np.degrees(np.arctan2(major[1], major[0]))
        # The edge shows a flat one, of embeddings that vary along a line.
        style = {"facecolor": colour, "edgecolor": colour, "linewidth": 1.5, "alpha": 0.25, "zorder": 2}
        ax.add_patch(Ellipse(tuple(region.center), width, height, angle=angle, **style))


def _plane(x: np.ndarray) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Coordinates in the plane, names of its axes, and the axes, (2, width of ``x``)."""
    if x.shape[1] == 2:
        return x, ["1", "2"], np.eye(2)
    u, s, axes = np.linalg.svd(np.pad(x - x.mean(0), ((0, 2), (0, 2))))  # one group or one column have a plane too
    u = u[: len(x)]
    share = s**2 / max((s**2).sum(), np.finfo(float).tiny)
    names = [f"PC {i + 1} ({share[i]:.0%})".replace("%", " %") for i in range(2)]
    return u[:, :2] * s[:2], names, axes[:2, : x.shape[1]]
