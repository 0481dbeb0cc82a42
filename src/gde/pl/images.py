"""Real and generated images in rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gde.data import near_matches
from gde.pl._finish import finish

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes

N_GROUPS = 6  # drawn unless groups are named
GAP = 1  # pixels between two images
# Red, green and blue of each channel. Two channels are magenta and green, which colour-blind readers can tell apart.
TINTS = {1: [[1, 1, 1]], 2: [[1, 0, 1], [0, 1, 0]], 3: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}


def images(
    real: AnnData,
    new: AnnData | None = None,
    *,
    obsm_key: str = "image",
    groupby: str | None = None,
    groups: Sequence[Any] | None = None,
    n_images: int = 8,
    channels: Sequence[int] | None = None,
    seed: int = 0,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw images in rows: some real ones of each group, and generated ones below them.

    Each channel is scaled by the least and greatest value of the real images that are drawn, the same for all rows, so that rows can be compared.

    Parameters
    ----------
    real
        AnnData with images in ``.obsm``, shape (n_units, channel, height, width).
    new
        Images from :meth:`gde.GDEModel.generate`; None: real ones alone.
    obsm_key
        Where the images are in both.
    groupby
        Column of ``.obs`` of both with the groups; None: all units are one group.
    groups
        Values of the column to draw; None: the first 6.
    n_images
        Number of images in a row, drawn at random.
    channels
        Channels to draw, at most 3: one is grey, two are magenta and green, three are red, green and blue. None: all of at most 3.
    seed
        Seed of the choice.
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If there are no such images, column or group.
    ValueError
        If the images are not 4-D, or have more than 3 channels and none are named.

    Examples
    --------
    >>> import gde
    >>> import numpy as np
    >>> from anndata import AnnData
    >>> cells = AnnData(obsm={"image": np.random.default_rng(0).random((20, 1, 8, 8))})
    >>> cells.obs["well"] = ["A1", "B1"] * 10
    >>> ax = gde.pl.images(cells, cells, groupby="well", n_images=5, show=False)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['A1, real', 'A1, generated', 'B1, real', 'B1, generated']
    """
    import matplotlib.pyplot as plt

    origins = {"real": real} if new is None else {"real": real, "generated": new}
    for adata in origins.values():
        _check(adata, obsm_key, groupby)
    channels = _channels(real.obsm[obsm_key].shape[1], channels)
    rng = np.random.default_rng(seed)
    rows: dict[str, list[np.ndarray]] = {kind: [] for kind in origins}
    names = []
    for group in _groups(real, groupby, groups):
        for kind, adata in origins.items():
            chosen = _choose(adata, groupby, group, n_images, rng)
            rows[kind].append(np.asarray(adata.obsm[obsm_key][chosen], dtype=float)[:, channels])
            names.append(", ".join(part for part in (str(group), kind) if part))
    drawn = np.concatenate(rows["real"])
    limits = [of(drawn, axis=(0, 2, 3))[:, None, None] for of in (np.min, np.max)]
    in_order = [row for of_group in zip(*rows.values(), strict=True) for row in of_group]
    canvas = _montage(in_order, n_images, *limits)

    show = ax is None if show is None else show
    if ax is None:
        labels = 0.2 + 0.08 * max(map(len, names))
        size = (labels + 0.55 * n_images, 0.1 + 0.55 * len(names) * drawn.shape[2] / drawn.shape[3])
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    ax.imshow(canvas, interpolation="nearest")
    row_height = drawn.shape[2] + GAP
    ax.set_yticks(np.arange(len(names)) * row_height + (row_height - GAP - 1) / 2, names, fontsize=8)
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return finish(ax, show=show, save=save)


def _montage(rows: list[np.ndarray], n_images: int, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Rows of images, (n, channel, height, width) each, in one picture; white where a group has fewer images."""
    n_channels, height, width = rows[0].shape[1:]
    step = (height + GAP, width + GAP)
    canvas = np.ones((len(rows) * step[0] - GAP, n_images * step[1] - GAP, 3))
    for y, row in enumerate(rows):
        scaled = np.clip((row - low) / np.maximum(high - low, np.finfo(float).tiny), 0, 1)
        for x, image in enumerate(np.einsum("nchw,ct->nhwt", scaled, np.array(TINTS[n_channels], dtype=float))):
            canvas[y * step[0] : y * step[0] + height, x * step[1] : x * step[1] + width] = image
    return canvas


def _check(adata: AnnData, obsm_key: str, groupby: str | None) -> None:
    if obsm_key not in adata.obsm:
        raise KeyError(f"`obsm_key`: {obsm_key!r} is not in `.obsm`. {near_matches(obsm_key, adata.obsm.keys())}")
    if len(shape := np.shape(adata.obsm[obsm_key])) != 4:
        raise ValueError(f"`.obsm[{obsm_key!r}]` must have the shape (n_units, channel, height, width), got {shape}.")
    if groupby is not None and groupby not in adata.obs:
        raise KeyError(f"`groupby`: {groupby!r} is not a column of `.obs`. {near_matches(groupby, adata.obs.columns)}")


def _channels(n_channels: int, channels: Sequence[int] | None) -> list[int]:
    if channels is None and n_channels > len(TINTS):
        raise ValueError(f"`channels`: the images have {n_channels} channels; name up to {len(TINTS)} of them.")
    chosen = list(range(n_channels)) if channels is None else [int(channel) for channel in channels]
    if not 1 <= len(chosen) <= len(TINTS) or not all(0 <= channel < n_channels for channel in chosen):
        raise ValueError(f"`channels` must be 1 to {len(TINTS)} numbers from 0 to {n_channels - 1}, got {channels!r}.")
    return chosen


def _groups(real: AnnData, groupby: str | None, groups: Sequence[Any] | None) -> list[Any]:
    if groupby is None:
        return [""]
    known = pd.Categorical(real.obs[groupby]).remove_unused_categories().categories
    for group in groups or []:
        if group not in known:
            raise KeyError(f"`groups`: {group!r} is not in `.obs[{groupby!r}]`. {near_matches(group, known)}")
    return list(groups) if groups is not None else known[:N_GROUPS].tolist()


def _choose(adata: AnnData, groupby: str | None, group: Any, n_images: int, rng: np.random.Generator) -> np.ndarray:
    """Some rows of a group, in their order."""
    is_of_group = np.ones(adata.n_obs, dtype=bool) if groupby is None else (adata.obs[groupby] == group).to_numpy()
    rows = np.flatnonzero(is_of_group)
    return np.sort(rng.permutation(rows)[:n_images])
