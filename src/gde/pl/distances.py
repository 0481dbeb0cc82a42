"""How far groups are from each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.cluster import hierarchy
from scipy.spatial.distance import cdist, squareform

from gde.data import near_matches
from gde.pl._colours import MISSING, Palette, category_colours, column
from gde.pl._finish import finish
from gde.stats import corrected_distances

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes

MAX_NAMES = 50  # more cannot be read
Z_95 = 1.96


def distances(
    groups: AnnData,
    *,
    basis: str = "X_gde",
    color: str | Sequence[str] | None = None,
    palette: Palette | None = None,
    corrected: bool | None = None,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw the distances between groups as a clustered heatmap, with bars that say what the groups are.

    Corrected distances are roots of :func:`gde.stats.corrected_distances`, zero where noise alone would put groups further apart; a dot marks pairs whose squared distance is
    less than 1.96 standard errors, which chance may explain. Groups are ordered by average linkage of the distances; those of one unit, of
    which nothing is known, come last and are grey.

    Parameters
    ----------
    groups
        One row per group, from :func:`gde.get.group_adata`.
    basis
        Embedding in ``.obsm``.
    color
        Column of ``.obs``, or a list of such, for the bars.
    palette
        Colours of the categories: a list, a mapping, or the name of a colour map; None: those of ``.uns``, or else colours that colour-blind readers can tell apart.
    corrected
        Whether to take away what sampling noise adds; None: if the groups have covariances (``get_group_embeddings(return_cov=True)``).
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes of the heatmap.

    Raises
    ------
    KeyError
        If the embedding, a column, or covariances that are asked for are not there.
    ValueError
        If there are fewer than 2 groups.

    Examples
    --------
    >>> import gde
    >>> import numpy as np
    >>> from anndata import AnnData
    >>> groups = AnnData(np.eye(3), obsm={"X_gde": np.array([[0.0, 0], [5, 0], [1, 0]])})
    >>> ax = gde.pl.distances(groups, show=False)
    >>> [label.get_text() for label in ax.get_yticklabels()] in (["0", "2", "1"], ["1", "2", "0"])
    True
    """
    import matplotlib.pyplot as plt

    if basis not in groups.obsm:
        raise KeyError(f"`basis`: {basis!r} is not in `.obsm`. {near_matches(basis, groups.obsm.keys())}")
    if groups.n_obs < 2:
        raise ValueError(f"Distances need at least 2 groups, and there are {groups.n_obs}.")
    covariances = groups.obsm.get(f"{basis}_covariance")
    if corrected and covariances is None:
        raise KeyError(
            "`corrected`: there are no covariances in `.obsm`. Call `model.get_group_embeddings(return_cov=True)` before `gde.get.group_adata`."
        )
    z = np.asarray(groups.obsm[basis], dtype=float)
    is_corrected = covariances is not None and corrected is not False
    if not is_corrected:
        shown, is_chance = cdist(z, z), np.zeros((len(z), len(z)), dtype=bool)
    else:
        squared, errors = corrected_distances(z, covariances)
        shown = np.sqrt(np.maximum(squared, 0))
        is_chance = (squared < Z_95 * errors) & ~np.eye(len(z), dtype=bool)
    order, tree = _order(shown)
    show = ax is None if show is None else show
    if ax is None:
        side = float(np.clip(1.4 + 0.14 * len(z), 2.8, 6))
        ax = plt.subplots(figsize=(side + 1.6, side + 0.6), layout="constrained")[1]
    cmap = plt.get_cmap("viridis_r").with_extremes(bad=MISSING)
    image = ax.imshow(shown[np.ix_(order, order)], cmap=cmap, vmin=0, interpolation="nearest")
    if len(z) <= MAX_NAMES:
        x, y = np.nonzero(is_chance[np.ix_(order, order)])
        ax.scatter(x, y, s=3, color="0.15", linewidths=0)
        ax.set_yticks(range(len(z)), groups.obs_names[order], fontsize=7)
    else:
        ax.set_yticks([])
    ax.set_xticks([])
    if tree is not None:
        _draw_tree(ax, tree, share=(len(tree) + 1) / len(z))
    _draw_bars(ax, groups[order], [color] if isinstance(color, str) else list(color or []), palette)
    ax.figure.colorbar(image, ax=ax, label="distance, corrected" if is_corrected else "distance", shrink=0.6)
    return finish(ax, show=show, save=save)


def _order(distance: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Groups in the order of the leaves of a tree, and the tree; groups without distances come last."""
    off = distance[~np.eye(len(distance), dtype=bool)].reshape(len(distance), -1)
    is_known = np.isfinite(off).any(1)
    known = np.flatnonzero(is_known)
    if len(known) < 2:
        return np.arange(len(distance)), None
    pairs = squareform(distance[np.ix_(known, known)], checks=False)
    tree = hierarchy.linkage(pairs, "average", optimal_ordering=len(known) <= 500)
    return np.concatenate([known[hierarchy.leaves_list(tree)], np.flatnonzero(~is_known)]), tree


def _draw_tree(ax: Axes, tree: np.ndarray, share: float) -> None:
    above = ax.inset_axes((0, 1.01, share, 0.12))
    with_colour = {"color_threshold": 0, "above_threshold_color": "0.3"}
    hierarchy.dendrogram(tree, ax=above, no_labels=True, **with_colour)
    for line in above.collections:
        line.set_linewidth(0.7)
    above.axis("off")


def _draw_bars(ax: Axes, groups: AnnData, names: Sequence[str], palette: Palette | None) -> None:
    """A bar for each column beside the heatmap, and what its colours mean below."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Patch

    handles = []
    for place, name in enumerate(names):
        values = column(groups, name, "color")
        if isinstance(values.dtype, pd.CategoricalDtype):
            colour_of = category_colours(groups, name, palette)
            colours = [colour_of.get(value, MISSING) for value in values]
            handles += [Patch(color=colour, label=f"{name}: {category}") for category, colour in colour_of.items()]
        else:
            low, high = values.min(), values.max()
            cmap = colormaps["cividis"]
            colours = [
                cmap((value - low) / max(high - low, 1e-300)) if np.isfinite(value) else MISSING for value in values
            ]
            handles += [
                Patch(color=cmap(end), label=f"{name}: {value:.3g}") for end, value in ((0.0, low), (1.0, high))
            ]
        bar = ax.inset_axes((1.02 + 0.06 * place, 0, 0.045, 1))
        bar.imshow([[to_rgb(colour)] for colour in colours], aspect="auto", interpolation="nearest")
        bar.set(xticks=[], yticks=[])
        bar.spines[:].set_visible(False)
    if handles:
        style: dict[str, Any] = {"frameon": False, "fontsize": 7, "handlelength": 1, "ncols": 2}
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.02), borderaxespad=0, **style)
