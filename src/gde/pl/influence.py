"""Which cells drive a contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gde.pl._colours import Palette, category_colours, column
from gde.pl._finish import finish

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes


def influence(
    adata: AnnData,
    *,
    by: str = "cell_type",
    key: str = "gde_influence",
    palette: Palette | None = None,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw how far the units of each kind pull the embeddings of their groups along a direction.

    Each kind has a violin of its units' influences (:meth:`gde.GDEModel.get_unit_influence`) and a dot at their mean, beside its name its share of the units.
    Kinds are in the order of their means. Units on the right pull their group towards the first class of the direction, units on the left towards the
    second; within a group influences have mean zero.

    Parameters
    ----------
    adata
        AnnData with the influence of each unit in ``.obs[key]``; units that have none are left out.
    by
        Column of ``.obs`` with the kinds of units, cell types say.
    key
        Column of ``.obs`` with the influences.
    palette
        Colours of the kinds: a list, a mapping, or the name of a colour map; None: those of ``.uns``, or else colours that colour-blind readers can tell apart.
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If one of the columns is not there.
    ValueError
        If ``by`` holds numbers, or no unit has an influence.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=60, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> values = model.get_unit_influence(direction=(["D1", "D2"], ["D3", "D4"]))
    >>> gde.pl.influence(adata, show=False).get_xlabel()
    'influence along the direction'
    """
    import matplotlib.pyplot as plt

    kinds, values = column(adata, by, "by"), column(adata, key, "key")
    if not isinstance(kinds.dtype, pd.CategoricalDtype):
        raise ValueError(f"`by`: {by!r} holds numbers, and kinds of units are needed.")
    parts = {kind: part.to_numpy(float) for kind, part in values.dropna().groupby(kinds, observed=True)}
    if not parts:
        raise ValueError(f"`key`: no unit has a value in `.obs[{key!r}]`.")
    order = sorted(parts, key=lambda kind: parts[kind].mean())
    n_units = sum(map(len, parts.values()))
    show = ax is None if show is None else show
    if ax is None:
        ax = plt.subplots(figsize=(4.5, 0.8 + 0.32 * len(order)), layout="constrained")[1]
    colours = category_colours(adata, by, palette)
    for place, kind in enumerate(order):
        _draw_kind(ax, place, parts[kind], colours[kind])
    ax.axvline(0, color="0.7", linewidth=0.8, zorder=0)
    names = [f"{kind} ({len(parts[kind]) / n_units:.0%})".replace("%", " %") for kind in order]
    ax.set_yticks(range(len(order)), names)
    limit = max(float(np.quantile(np.abs(np.concatenate(list(parts.values()))), 0.995)), float(np.finfo(float).tiny))
    ax.set(xlim=(-limit, limit), xlabel="influence along the direction", ylim=(-0.6, len(order) - 0.4))
    return finish(ax, show=show, save=save)


def _draw_kind(ax: Axes, place: int, values: np.ndarray, colour: str) -> None:
    """A violin where there are enough units for its outline, or else the units themselves; the mean in any case."""
    if len(values) >= 10 and np.ptp(values) > 0:
        parts: Any = ax.violinplot([values], [place], orientation="horizontal", widths=0.8, showextrema=False)
        for body in parts["bodies"]:
            body.set(facecolor=colour, alpha=0.6, linewidth=0)
    else:
        ax.scatter(values, np.full(len(values), place), s=8, color=colour, linewidths=0)
    ax.scatter([values.mean()], [place], s=22, color=colour, edgecolors="black", linewidths=0.8, zorder=3)
