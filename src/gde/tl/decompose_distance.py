"""How much of the distance between two groups is which parts they have, and how much is what these are like?"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from gde.data import check_anndata, check_keys, near_matches
from gde.get import group_adata, nested_groups
from gde.stats import composition_and_state
from gde.tl._check_pairs import check_are_pairs


def decompose_distance(
    adata: AnnData,
    level: str,
    *,
    pairs: Sequence[tuple[Any, Any]] | None = None,
    key: str = "gde",
    corrected: bool = False,
) -> pd.DataFrame:
    """Split distances between nested groups into composition (which cell types) and state (how those cells look).

    The groups are those of :func:`gde.get.group_adata` with the same ``level``, and :func:`gde.stats.composition_and_state` has the formulas.

    Parameters
    ----------
    adata
        AnnData with embeddings of nested groups, e.g. ``group_key=["donor", "cell_type"]``, from ``model.get_group_embeddings``.
    level
        The key whose groups are compared, e.g. ``"donor"``; the parts are those of the other keys.
    pairs
        Names of groups to compare; None: all pairs.
    key
        Where in ``.uns`` the embeddings are.
    corrected
        Take away what sampling noise adds; needs ``get_group_embeddings(return_cov=True)``. Parts of few units otherwise seem to differ in state. A
        corrected part may be negative, and where the distance is not clear of the noise so that nothing is left of it, there are no shares.

    Returns
    -------
    DataFrame with a row per pair: ``a``, ``b``, ``squared_distance``, and what ``composition`` and ``state`` contribute to it, which sum to it;
    ``share_composition`` and ``share_state``, which sum to 1, or NaN if the squared distance is not positive; and ``n_shared_parts``, the number of parts that
    both groups have. Without a shared part all is composition.

    Raises
    ------
    KeyError
        If there are no embeddings, or no covariances of them, or a group is unknown.
    ValueError
        If ``level`` is not one of several group keys.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=60, n_genes=50)
    >>> gde.setup_anndata(adata, group_key=["donor", "cell_type"])
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> embeddings = model.get_group_embeddings()
    >>> table = gde.tl.decompose_distance(adata, "donor")
    >>> len(table), bool(((table["composition"] + table["state"] - table["squared_distance"]).abs() < 1e-9).all())
    (6, True)
    """
    check_anndata(adata, or_mudata=True)
    check_keys({"key": key, "level": level})
    if pairs is not None:
        check_are_pairs(pairs)
    group_keys = [str(name) for name in adata.uns.get(key, {}).get("params", {}).get("group_key", [])]
    nested = nested_groups(group_adata(adata, key, columns=group_keys), key, group_keys, level)
    if corrected and nested.covariances is None:
        raise KeyError(
            f"`corrected`: there are no covariances in `.uns[{key!r}]`. Call `model.get_group_embeddings(adata, return_cov=True)` first."
        )
    position = {name: row for row, name in enumerate(nested.level)}
    table = []
    for a, b in combinations(nested.level, 2) if pairs is None else pairs:
        for name in (a, b):
            if str(name) not in position:
                raise KeyError(f"`pairs`: {name!r} is not a group of {level!r}. {near_matches(name, position)}")
        both = [position[str(a)], position[str(b)]]
        noise = {}
        if corrected and nested.covariances is not None:
            noise["n_units"] = nested.n_units[both].sum(1)
            noise["variances"] = np.trace(nested.covariances[both], axis1=2, axis2=3)
        total, *parts = composition_and_state(nested.composition[both], nested.embeddings[both], **noise)
        shares = [part / total if total > 0 else np.nan for part in parts]
        n_shared = int((nested.n_units[both] > 0).all(0).sum())
        table.append((a, b, total, *parts, *shares, n_shared))
    columns = "a b squared_distance composition state share_composition share_state n_shared_parts".split()
    return pd.DataFrame(table, columns=columns)
