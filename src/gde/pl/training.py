"""How the losses fell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gde.data import near_matches
from gde.pl._finish import OKABE_ITO, finish_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gde.model import GDEModel

NOT_TERMS = {"elbo", "kl_global"}  # a sum of two of the others; always zero here


def training(
    model: GDEModel,
    *,
    terms: Sequence[str] | None = None,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Figure:
    """Draw the loss of each epoch and the terms that it is made of, of training units and of held-out ones.

    The total is what is minimised: the sum of the terms with their weights, that of the KL term rising in the first 200 steps of training. A held-out curve that
    turns upwards while that of training falls is a model that learns its units by heart.

    Parameters
    ----------
    model
        A trained model.
    terms
        What to draw, e.g. ``["total", "generator_loss"]``; None: all.
    ax, show, save
        Axes to draw on, if it is one term; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The figure, with axes for each term.

    Raises
    ------
    ValueError
        If the model has not been trained, or several terms are for one ``ax``.
    KeyError
        If there is no such term.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=2, enable_progress_bar=False)
    >>> [ax.get_title() for ax in gde.pl.training(model, show=False).axes]
    ['total', 'reconstruction', 'kl local', 'library', 'generator']
    """
    known = _terms(model)
    for term in terms or []:
        if term not in known:
            raise KeyError(f"`terms`: {term!r} is not a term of the loss. {near_matches(term, known)}")
    chosen = list(known) if terms is None else list(terms)
    if ax is not None and len(chosen) != 1:
        raise ValueError(f"`ax` holds one of the {len(chosen)} terms: pass e.g. `terms=['total']`, or leave `ax` out.")
    show = ax is None if show is None else show
    axes = _grid(len(chosen)) if ax is None else [ax]
    for part, term in zip(axes, chosen, strict=True):
        _draw(part, model, known[term])
        part.set_title(term.removesuffix("_loss").replace("_", " "), fontsize=9)
    axes[0].legend(frameon=False, fontsize=8)
    return finish_figure(axes[0].figure.get_figure(root=True), show=show, save=save)


def _grid(n_axes: int) -> list[Axes]:
    """Axes in rows of three."""
    import matplotlib.pyplot as plt

    n_columns = min(n_axes, 3)
    n_rows = -(-n_axes // n_columns)
    size = (2.4 * n_columns, 1.9 * n_rows)
    axes = list(plt.subplots(n_rows, n_columns, figsize=size, layout="constrained", squeeze=False)[1].flat)
    for ax in axes[n_axes:]:
        ax.remove()
    return axes[:n_axes]


def _terms(model: GDEModel) -> dict[str, dict[str, str]]:
    """The names of each term's curves in ``model.history``."""
    history = model.history or {}
    if "train_loss" not in history:
        raise ValueError("`model` has not been trained: call `model.train()` first.")
    names = [name.removesuffix("_train") for name in history if name.endswith("_train")]
    curves = {"total": {"training": "train_loss", "held out": "validation_loss"}} | {
        name: {"training": f"{name}_train", "held out": f"{name}_validation"}
        for name in names
        if name not in NOT_TERMS and history[f"{name}_train"].to_numpy(float).any()
    }
    return {term: {kind: name for kind, name in of_term.items() if name in history} for term, of_term in curves.items()}


def _draw(ax: Axes, model: GDEModel, curves: dict[str, str]) -> None:
    from matplotlib.ticker import MaxNLocator

    for (kind, name), colour, style in zip(curves.items(), OKABE_ITO, ["-", "--"], strict=False):
        values = model.history[name].iloc[:, 0].astype(float)
        marker = "o" if len(values) < 3 else None  # a line of one epoch has no length
        ax.plot(values.index + 1, values, style, color=colour, label=kind, linewidth=1.2, marker=marker, markersize=3)
    ax.set_xlabel("epoch", fontsize=8)
    ax.tick_params(labelsize=8)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=4, min_n_ticks=1))
    ax.spines[["top", "right"]].set_visible(False)
