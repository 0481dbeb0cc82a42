"""Embeddings of nested groups as arrays: level × part."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData


class NestedGroups(NamedTuple):
    """What :func:`nested_groups` returns.

    Attributes
    ----------
    level
        Names of the groups of the level (donors).
    parts
        Names of their parts (cell types).
    n_units
        Number of units, (n_level, n_parts); zero where a group lacks a part.
    embeddings
        Embeddings, (n_level, n_parts, n_latent), NaN where a group lacks a part.
    covariances
        Their covariances, (n_level, n_parts, n_latent, n_latent), or None if there are none.
    """

    level: pd.Index
    parts: pd.Index
    n_units: np.ndarray
    embeddings: np.ndarray
    covariances: np.ndarray | None

    @property
    def composition(self) -> np.ndarray:
        """Share of each part in the units of each group, (n_level, n_parts)."""
        return self.n_units / self.n_units.sum(1, keepdims=True)


def nested_groups(pairs: AnnData, key: str, group_keys: list[str], level: str) -> NestedGroups:
    """Lay out the rows of :func:`group_adata` as groups × parts.

    Parameters
    ----------
    pairs
        One row per pair, with the columns ``group_keys`` and ``n_units`` in ``.obs``.
    key
        Name of the embeddings: they are in ``.obsm[f"X_{key}"]``.
    group_keys
        What the pairs are pairs of. Those beside ``level`` name the part, joined by ``" | "`` if there are several.
    level
        Which of the keys names the groups.

    Returns
    -------
    The arrays. A covariance of a pair of one unit, which is NaN, is taken from the other pairs: the mean covariance of a single unit of the
    same part, or of all parts if no other group has two units of it.

    Raises
    ------
    ValueError
        If ``level`` is not one of several group keys.
    """
    if level not in group_keys or len(group_keys) < 2:
        raise ValueError(
            f"`level` must be one of several group keys, got {level!r}, and the groups were set up with {group_keys}. Set them up nested: "
            f"`group_key=[{level!r}, 'cell_type']`."
        )
    parts = pairs.obs[[name for name in group_keys if name != level]].astype(str).agg(" | ".join, axis=1)
    row, level_names = pd.factorize(pairs.obs[level].astype(str), sort=True)
    column, part_names = pd.factorize(parts, sort=True)
    shape = (len(level_names), len(part_names))
    n_units = np.zeros(shape, dtype=int)
    n_units[row, column] = pairs.obs["n_units"]
    z = np.asarray(pairs.obsm[f"X_{key}"], dtype=float)
    embeddings = np.full((*shape, z.shape[1]), np.nan)
    embeddings[row, column] = z
    covariances = None
    if f"X_{key}_covariance" in pairs.obsm:
        covariances = np.full((*embeddings.shape, z.shape[1]), np.nan)
        covariances[row, column] = pairs.obsm[f"X_{key}_covariance"]
        _fill_single_units(covariances, n_units)
    return NestedGroups(pd.Index(level_names), pd.Index(part_names), n_units, embeddings, covariances)


def _fill_single_units(covariances: np.ndarray, n_units: np.ndarray) -> None:
    """Give each pair of one unit the mean covariance of a unit, where others tell it."""
    of_unit = covariances * n_units[:, :, None, None]
    is_known = np.isfinite(of_unit).all(axis=(2, 3))
    for row, part in np.argwhere((n_units == 1) & ~is_known):
        same_part = is_known[:, part]
        if is_known.any():
            covariances[row, part] = (of_unit[same_part, part] if same_part.any() else of_unit[is_known]).mean(0)
