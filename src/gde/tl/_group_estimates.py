"""What tools about embeddings of groups read from an AnnData."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

from gde.data import check_anndata, check_keys
from gde.get import group_adata
from gde.tl._warn_if_seen import warn_if_seen


class GroupEstimates(NamedTuple):
    """Embeddings (n_groups, p) by name, their covariances (n_groups, p, p), and Kish's effective numbers of units."""

    names: pd.Index
    embeddings: np.ndarray
    covariances: np.ndarray
    n_effective: np.ndarray


def group_estimates(adata: AnnData, key: str) -> GroupEstimates:
    """Embeddings with covariances of groups that share no units, from ``.uns[key]``."""
    check_anndata(adata, or_mudata=True)
    check_keys({"key": key})
    result: dict[str, Any] = adata.uns.get(key, {})
    if "covariances" not in result:
        raise KeyError(
            f"`key`: there are no embeddings with covariances in `.uns[{key!r}]`. Call `model.get_group_embeddings(adata, return_cov=True)` first."
        )
    if result["params"].get("group_kind", "discrete") != "discrete":
        raise ValueError("The groups share units, so their embeddings are not independent and cannot be tested so.")
    embeddings = result["embeddings"]
    numbers = (np.asarray(result[name], dtype=float) for name in ("covariances", "n_effective"))
    return GroupEstimates(embeddings.index, embeddings.to_numpy(dtype=float), *numbers)


def groups_by_class(adata: AnnData, key: str, column: str) -> dict[Any, np.ndarray]:
    """Positions of the groups of each class, a value of a column of ``.obs`` that is constant within groups; missing values are no class.

    Warn of classes that the embeddings were trained to show.
    """
    values = group_adata(adata, key, columns=[column]).obs[column]
    params = adata.uns[key]["params"]
    if n_seen := params.get("n_labels_seen", 0):
        warn_if_seen(adata.obs, column, json.loads(params["arguments"])["setup"], n_seen, len(values))
    classes = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else np.unique(values.dropna())
    found = {name: np.flatnonzero(values == name) for name in classes}
    return {name: rows for name, rows in found.items() if len(rows)}
