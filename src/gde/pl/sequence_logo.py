"""Which letters stand where in a set of aligned sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gde.data import Alphabet
from gde.pl._finish import finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe & Ito's colours: of bases one each, of amino acids one for each kind of side chain.
COLOURS = {
    "dna": {"A": "#009E73", "C": "#0072B2", "G": "#E69F00", "T": "#D55E00"},
    "protein": dict.fromkeys("KRH", "#0072B2")
    | dict.fromkeys("DE", "#D55E00")
    | dict.fromkeys("STNQ", "#009E73")
    | dict.fromkeys("GCP", "#CC79A7")
    | dict.fromkeys("AVLIMFWY", "#000000"),
}


def sequence_logo(
    sequences: Sequence[str],
    *,
    positions: tuple[int, int] | None = None,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    r"""Draw the letters of aligned sequences, position by position, as high as they are informative.

    A stack of letters has the height of the information at its position, and each letter its share :math:`p_a` of it (Schneider & Stephens 1990):

    .. math:: R = \log_2 s + \sum_a p_a \log_2 p_a - \frac{s - 1}{2 n \ln 2},

    in bits, for s letters (4 bases or 20 amino acids) in n sequences; the last term is what few sequences seem to tell by chance. R is 0 where that
    is negative.

    Parameters
    ----------
    sequences
        DNA or proteins, e.g. ``new.obs["sequence"]``; position i of each is its letter number i. Letters that are unknown (N, X) are not counted.
    positions
        First and last position to draw, counted from 1; None: all.
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes.

    Raises
    ------
    ValueError
        If there are no sequences, they have letters of neither alphabet, or ``positions`` are not there.

    References
    ----------
    Schneider, T. D. & Stephens, R. M. Sequence logos: a new way to display consensus sequences. *Nucleic Acids Research* 18, 6097–6100 (1990).

    Examples
    --------
    >>> import gde
    >>> ax = gde.pl.sequence_logo(["TATAAT"] * 30 + ["TATGAT"] * 10, show=False)
    >>> ax.get_title()
    '40 sequences'
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    sequences = [str(sequence) for sequence in sequences]
    if not sequences:
        raise ValueError("`sequences` has none.")
    kind = "dna" if set("".join(sequences).upper()) <= set("ACGTN") else "protein"
    alphabet = Alphabet.find(kind)
    codes = alphabet.encode(sequences)
    first, last = (1, codes.shape[1]) if positions is None else positions
    if not 1 <= first <= last <= codes.shape[1]:
        raise ValueError(f"`positions` must be within 1 and {codes.shape[1]}, got {positions!r}.")
    letters = alphabet.letters[:-1]  # the last one is the unknown one
    counts = (codes[:, first - 1 : last, None] == np.arange(len(letters))).sum(0)
    heights = _heights(counts)

    show = ax is None if show is None else show
    if ax is None:
        ax = plt.subplots(figsize=(min(0.8 + 0.22 * len(heights), 12), 1.8), layout="constrained")[1]
    for position, stack in enumerate(heights, start=first):
        _draw_stack(ax, position, stack, letters, COLOURS[kind])
    ax.set(xlim=(first - 0.6, last + 0.6), ylim=(0, np.log2(len(letters))), xlabel="position", ylabel="bits")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_title(f"{len(sequences)} sequences", fontsize=10)
    return finish(ax, show=show, save=save)


def _heights(counts: np.ndarray) -> np.ndarray:
    """Height of each letter in bits, (n_positions, n_letters), from its counts."""
    n, n_letters = counts.sum(1, keepdims=True), counts.shape[1]
    share = counts / np.maximum(n, 1)
    logs = np.log2(share, where=share > 0, out=np.zeros_like(share))
    by_chance = (n_letters - 1) / (2 * np.log(2) * np.maximum(n, 1))
    information = np.log2(n_letters) + (share * logs).sum(1, keepdims=True) - by_chance
    return share * np.where(n > 0, np.maximum(information, 0), 0)


def _draw_stack(ax: Axes, position: int, stack: np.ndarray, letters: str, colours: dict[str, str]) -> None:
    """Letters of one position, the highest on top."""
    from matplotlib.patches import PathPatch
    from matplotlib.textpath import TextPath
    from matplotlib.transforms import Affine2D

    bottom = 0.0
    for code in np.argsort(stack, kind="stable"):
        height = float(stack[code])
        if height < 0.01:  # of a bit: nobody can read it
            continue
        path = TextPath((0, 0), letters[code], size=1)
        box = path.get_extents()
        width = 0.92 * min(box.width / 0.4, 1)  # an I stays slim
        fit = Affine2D().translate(-box.x0, -box.y0).scale(width / box.width, height / box.height)
        placed = fit.translate(position - width / 2, bottom).transform_path(path)
        ax.add_patch(PathPatch(placed, facecolor=colours[letters[code]], linewidth=0))
        bottom += height
