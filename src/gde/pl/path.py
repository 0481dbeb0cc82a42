"""What changes on the way from one group to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from gde.data import group_labels, near_matches
from gde.pl._colours import Palette, category_colours, column
from gde.pl._finish import finish_figure
from gde.pl._finish import palette as okabe_ito
from gde.pl._unit_space import both_counts

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def path(
    new: AnnData,
    *,
    by: str | None = None,
    genes: Sequence[str] = (),
    real: AnnData | None = None,
    layer: str | None = None,
    palette: Palette | None = None,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Figure:
    """Draw which cell types the cells along an interpolation are of, and how their marker genes change.

    Composition is a stack of shares, which sum to 1; a gene is a line of its mean, log-normalised to 10,000 counts where values are whole numbers, as counts are,
    and as it is otherwise. With ``real``, bars and dots at both ends show the real units of the two groups, which are what the ends of a good path look like.

    Parameters
    ----------
    new
        Units from :meth:`gde.GDEModel.interpolate`.
    by
        Column of ``.obs`` with the cell types of the generated cells, e.g. from :func:`gde.tl.transfer_labels`; None: no composition.
    genes
        Names of genes.
    real
        AnnData with the real units of both groups and the same columns; None: no ends.
    layer
        Where the values of genes are in both, as in ``setup_anndata``.
    palette
        Colours of the cell types: a list, a mapping, or the name of a colour map; None: those of ``.uns`` of the real units, or else colours that colour-blind readers
        can tell apart.
    ax, show, save
        Axes to draw on, if it is composition or genes alone (their legend lies beside them: ``plt.subplots(layout="constrained")`` makes room); whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The figure: composition, genes, or both, which share the axis of time.

    Raises
    ------
    KeyError
        If the column or a gene is not there.
    ValueError
        If the units are not those of a path, neither ``by`` nor ``genes`` is given, both are for one ``ax``, or the path has counts and real units have none.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=60, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> new = model.interpolate("D1", "D3", n_steps=3, n_units=20)
    >>> probabilities = gde.tl.transfer_labels(model, new)
    >>> figure = gde.pl.path(new, by="cell_type", genes=adata.var_names[:2], real=adata, show=False)
    >>> [ax.get_ylabel() for ax in figure.axes]
    ['share of cells', 'mean log expression']
    """
    if "time" not in new.obs or "path" not in new.uns.get("gde", {}):
        raise ValueError("`new` is not a path: make it with `model.interpolate(a, b)`.")
    if by is not None and by not in new.obs:
        raise KeyError(
            f"`by`: {by!r} is not a column of `new.obs`. {near_matches(by, new.obs.columns)} Real cell types come with `gde.tl.transfer_labels(model, new, by={by!r})`."
        )
    if by is None and not len(genes):
        raise ValueError("Name cell types (`by=`), genes (`genes=`), or both.")
    n_axes = (by is not None) + bool(len(genes))
    if ax is not None and n_axes > 1:
        raise ValueError("`ax` holds composition or genes: pass `by` or `genes`, or leave `ax` out.")
    ends = [str(new.uns["gde"]["path"][end]) for end in ("from", "to")]
    parts = {} if real is None else dict(zip((0.0, 1.0), _real_ends(new, real, ends), strict=True))
    show = ax is None if show is None else show
    axes = _stacked_axes(n_axes) if ax is None else [ax]
    if by is not None:
        _draw_composition(axes[0], new, by, parts, real, palette)
    if len(genes):
        _draw_genes(axes[-1], new, list(genes), parts, layer)
    axes[-1].set_xticks([0, 0.5, 1], [ends[0], "half-way", ends[1]])
    for part in axes:
        part.spines[["top", "right"]].set_visible(False)
    return finish_figure(axes[0].figure.get_figure(root=True), show=show, save=save)


def _stacked_axes(n_axes: int) -> list[Axes]:
    import matplotlib.pyplot as plt

    size = (4.6, 0.6 + 2.3 * n_axes)
    return list(plt.subplots(n_axes, 1, figsize=size, layout="constrained", squeeze=False, sharex=True)[1].flat)


def _real_ends(new: AnnData, real: AnnData, ends: list[str]) -> list[AnnData]:
    keys = [str(key) for key in new.uns["gde"]["params"].get("group_key", [])]
    labels = group_labels(real.obs, keys).astype(str)
    for end in ends:
        if not (labels == end).any():
            raise KeyError(f"`real` has no units of the group {end!r}. {near_matches(end, labels.unique())}")
    return [real[(labels == end).to_numpy()] for end in ends]


def _draw_composition(
    ax: Axes, new: AnnData, by: str, ends: dict[float, AnnData], real: AnnData | None, palette: Palette | None
) -> None:
    colours = category_colours(new if real is None or by not in real.obs else real, by, palette)
    kinds = column(new, by, "by")
    shares = pd.crosstab(new.obs["time"], kinds, normalize="index")
    shares = shares.reindex(columns=list(colours), fill_value=0.0)
    ax.stackplot(
        shares.index,
        shares.T.to_numpy(),
        colors=list(colours.values()),
        labels=[str(name) for name in colours],
        alpha=0.85,
    )
    for time, adata in ends.items():
        share = column(adata, by, "by").value_counts(normalize=True)
        bottom = 0.0
        for kind, colour in colours.items():
            height = float(share.get(kind, 0.0))
            ax.bar(
                time + (0.06 if time else -0.06), height, 0.06, bottom, color=colour, edgecolor="white", linewidth=0.5
            )
            bottom += height
    ax.set(ylabel="share of cells", ylim=(0, 1))
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))


def _draw_genes(ax: Axes, new: AnnData, genes: list[str], ends: dict[float, AnnData], layer: str | None) -> None:
    for gene in genes:
        if gene not in new.var_names:
            raise KeyError(f"`genes`: {gene!r} is not among `.var_names`. {near_matches(gene, new.var_names)}")
    is_counts = both_counts(*(_matrix(adata, layer) for adata in (new, *ends.values())))
    means = _expression(new, genes, layer, is_counts).groupby(new.obs["time"].to_numpy()).mean()
    real = {time: _expression(adata, genes, layer, is_counts).mean() for time, adata in ends.items()}
    for gene, colour in zip(genes, okabe_ito(len(genes)), strict=True):
        ax.plot(means.index, means[gene], color=colour, label=gene, linewidth=1.5)
        if real:
            ax.scatter(
                list(real),
                [mean[gene] for mean in real.values()],
                s=22,
                color=colour,
                edgecolors="black",
                linewidths=0.7,
                zorder=3,
                clip_on=False,
            )
    ax.set_ylabel("mean log expression" if is_counts else "mean")
    if is_counts:
        ax.set_ylim(0, None)
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))


def _matrix(adata: AnnData, layer: str | None) -> Any:
    return adata.X if layer is None else adata.layers[layer]


def _expression(adata: AnnData, genes: list[str], layer: str | None, is_counts: bool) -> pd.DataFrame:
    """Values of genes: counts log-normalised to 10,000, others as they are."""
    values = _matrix(adata, layer)
    chosen = values[:, adata.var_names.get_indexer(genes)]
    dense = chosen.toarray() if sp.issparse(chosen) else np.asarray(chosen)
    if is_counts:
        total = np.maximum(np.asarray(values.sum(axis=1)).ravel(), 1)
        dense = np.log1p(dense * (1e4 / total[:, None]))
    return pd.DataFrame(dense, columns=genes)
