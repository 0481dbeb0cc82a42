"""Mutations of generated sequences beside those of real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gde.pl._finish import finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def mutations(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    n_mutations: int = 12,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw how frequent mutations are in each group: a column of real sequences, and beside it one of generated sequences.

    Parameters
    ----------
    real, generated
        Frequencies, groups x mutations, from :func:`gde.metrics.mutation_frequencies`. Groups that are not in both are left out.
    n_mutations
        Number of mutations: those that differ most between the real groups.
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes.

    Examples
    --------
    >>> import gde
    >>> import pandas as pd
    >>> table = pd.DataFrame({"D614G": [0.1, 0.9], "A222V": [0.0, 0.2]}, index=["March", "April"])
    >>> [label.get_text() for label in gde.pl.mutations(table, table, show=False).get_yticklabels()]
    ['March', 'April']
    """
    import matplotlib.pyplot as plt

    groups = real.index.intersection(generated.index, sort=False)
    if groups.empty:
        raise ValueError("`real` and `generated` have no group in common.")
    names = real.loc[groups].std(ddof=0).nlargest(n_mutations).index
    show = ax is None if show is None else show
    if ax is None:
        size = (2 + 0.5 * len(names), 1.5 + 0.25 * len(groups))
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    parts = [
        table.reindex(index=groups, columns=names) for table in (real, generated.assign(**_missing(generated, names)))
    ]
    pairs = np.stack([part.to_numpy(dtype=float) for part in parts], axis=2).reshape(len(groups), -1)
    image = ax.imshow(pairs, vmin=0, vmax=1, cmap="viridis", aspect="auto", interpolation="nearest")
    for place in range(1, len(names)):
        ax.axvline(2 * place - 0.5, color="white", linewidth=2)
    ax.set_xticks(2 * np.arange(len(names)) + 0.5, names, rotation=90)
    ax.set_yticks(np.arange(len(groups)), groups)
    ax.set_title("left: real, right: generated", fontsize=10)
    ax.figure.colorbar(image, ax=ax, label="frequency")
    return finish(ax, show=show, save=save)


def _missing(table: pd.DataFrame, names: pd.Index) -> dict[str, float]:
    """A mutation that was never generated is in no sequence."""
    return dict.fromkeys(names.difference(table.columns), 0.0)
