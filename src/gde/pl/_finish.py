"""What every plot ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito's colours, which colour-blind readers can tell apart; more categories than that get scanpy's longer list.
OKABE_ITO = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000"]


def palette(n_categories: int) -> list[str]:
    """A colour for each category."""
    if n_categories <= len(OKABE_ITO):
        return OKABE_ITO[:n_categories]
    from scanpy.plotting.palettes import default_102

    return [default_102[i % len(default_102)] for i in range(n_categories)]


def finish(ax: Axes, *, show: bool, save: str | None) -> Axes:
    """Tidy, save and show the figure of ``ax``."""
    ax.spines[["top", "right"]].set_visible(False)
    if (figure := ax.get_figure(root=True)) is not None:
        finish_figure(figure, show=show, save=save)
    return ax


def finish_figure(figure: Figure, *, show: bool, save: str | None) -> Figure:
    """Save and show a figure."""
    import matplotlib.pyplot as plt

    if save is not None:
        figure.savefig(save, dpi=200)
    if show:
        plt.show()
    return figure
