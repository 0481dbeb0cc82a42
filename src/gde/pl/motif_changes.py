"""Motifs of generated sequences beside those of real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gde.pl._finish import OKABE_ITO, finish
from gde.pl._write_names import write_names

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def motif_changes(
    real: pd.Series,
    generated: pd.Series,
    *,
    n_names: int = 8,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw, motif by motif, what changes between two groups of generated sequences against what changes between the real groups.

    Parameters
    ----------
    real, generated
        Difference of the mean counts of each motif, by the motif's name: from :func:`gde.metrics.motif_counts`.
    n_names
        Number of motifs to name: those that change most in the real groups.
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes.

    Examples
    --------
    >>> import gde
    >>> import pandas as pd
    >>> change = pd.Series({"ABF1": 0.4, "REB1": -0.1, "RAP1": 0.2})
    >>> gde.pl.motif_changes(change, change, show=False).get_title()
    '3 motifs, Pearson 1.00'
    """
    import matplotlib.pyplot as plt

    if not real.index.sort_values().equals(generated.index.sort_values()):
        raise ValueError("`real` and `generated` must have the same motifs.")
    show = ax is None if show is None else show
    if ax is None:
        ax = plt.subplots(figsize=(4.5, 4), layout="constrained")[1]
    generated = generated.reindex(real.index)
    ax.axline((0, 0), slope=1, color="0.7", linewidth=0.8, zorder=1)
    ax.scatter(real, generated, s=14, color=OKABE_ITO[0], linewidths=0, alpha=0.8, zorder=2)
    ax.set(xlabel="change of the mean count, real", ylabel="change of the mean count, generated")
    ax.set_title(f"{len(real)} motifs, Pearson {np.corrcoef(real, generated)[0, 1]:.2f}", fontsize=10)
    named = real.abs().nlargest(n_names).index
    write_names(ax, np.column_stack([real[named], generated[named]]), named)
    return finish(ax, show=show, save=save)
