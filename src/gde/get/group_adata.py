"""One row per group."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from gde.data import GroupRows, check_anndata, check_keys, group_labels, near_matches
from gde.get.nested_groups import nested_groups
from gde.stats import combine_parts


def group_adata(
    adata: AnnData, key: str = "gde", *, columns: Sequence[str] | None = None, level: str | None = None
) -> AnnData:
    r"""Make an AnnData with a row per group from the embeddings in ``.uns[key]``.

    scanpy works on it: ``sc.pp.neighbors(groups, use_rep="X_gde")``, ``sc.tl.umap``, ``sc.pl.umap``, ``sc.pl.heatmap``, ``sc.pl.dendrogram``.

    Parameters
    ----------
    adata
        AnnData that :meth:`gde.GDEModel.get_group_embeddings` has written to.
    key
        Where in ``.uns`` the embeddings are.
    columns
        Columns of ``.obs`` to keep, which must be constant within each group; None: all that are. Groups that share units (continuous and noisy
        labels) have none, but the column of the label itself.
    level
        For nested groups, ``group_key=["donor", "cell_type"]``: the key whose groups get a row, ``"donor"``. Their embedding is the mean of the
        embeddings of their parts, weighted by the number of units, :math:`z_d = \sum_t p_{dt} z_{dt}`; it is not what the encoder would say of
        all their units together. None: a row per pair.

    Returns
    -------
    AnnData, groups × n_latent: the embedding in ``.X`` and in ``.obsm["X_gde"]``, and ``.obs`` with the columns, ``n_units``, and, of groups that
    share units, ``n_effective``. If the embeddings have covariances, these are in ``.obsm["X_gde_covariance"]``, (n_groups, n_latent, n_latent).
    With ``level`` also the two that the embedding is made of: the composition :math:`p_{dt}` in ``.obsm["composition"]`` (a DataFrame, groups × parts) and the state
    :math:`z_{dt}` in ``.obsm["X_gde_state"]`` (n_groups, n_parts, n_latent), NaN where a group lacks a part. Their covariance has both
    what the embeddings of the parts and what the composition owe to chance.

    Raises
    ------
    TypeError
        If ``adata`` is no AnnData, or a name is not text.
    KeyError
        If there are no embeddings under ``key``, or a column does not exist.
    ValueError
        If a column of ``columns`` varies within a group, the groups have changed since they were embedded, or groups share units; or if
        ``level`` is not one of several group keys.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> embeddings = model.get_group_embeddings()
    >>> groups = gde.get.group_adata(adata)
    >>> groups.shape, "severity" in groups.obs, "cell_type" in groups.obs
    ((4, 3), True, False)

    Nested groups, put together to donors:

    >>> gde.setup_anndata(adata, group_key=["donor", "cell_type"])
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> embeddings = model.get_group_embeddings()
    >>> donors = gde.get.group_adata(adata, level="donor")
    >>> donors.shape, donors.obsm["composition"].shape, donors.obsm["X_gde_state"].shape
    ((4, 3), (4, 5), (4, 5, 3))
    """
    check_anndata(adata, or_mudata=True)
    check_keys({"key": key, "level": level, "columns": columns})
    if key not in adata.uns or "embeddings" not in adata.uns[key]:
        raise KeyError(
            f"`key`: there are no embeddings in `.uns[{key!r}]`. Call `model.get_group_embeddings(adata)` first."
        )
    if level is not None:
        return _combine(adata, key, columns, level)
    embeddings = adata.uns[key]["embeddings"]
    shares_units = adata.uns[key]["params"].get("group_kind", "discrete") != "discrete"
    obs = _label_columns(adata.uns[key], columns) if shares_units else _group_columns(adata, key, columns)
    x = embeddings.to_numpy(np.float32, copy=True)
    obsm = {f"X_{key}": x.copy()}
    if "covariances" in adata.uns[key]:
        obsm[f"X_{key}_covariance"] = np.array(adata.uns[key]["covariances"])
    return AnnData(X=x, obs=obs, var=pd.DataFrame(index=embeddings.columns), obsm=obsm)


def _combine(adata: AnnData, key: str, columns: Sequence[str] | None, level: str) -> AnnData:
    """Groups of one level from the pairs that they are made of."""
    group_keys = [str(name) for name in adata.uns[key]["params"].get("group_key", [])]
    nested = nested_groups(group_adata(adata, key, columns=group_keys), key, group_keys, level)
    z, covariances = combine_parts(nested.composition, nested.n_units.sum(1), nested.embeddings, nested.covariances)
    labels = group_labels(adata.obs, group_keys).astype(str)
    embedded = labels.isin(adata.uns[key]["embeddings"].index).to_numpy()
    obs = _columns_of(adata.obs, adata.obs[level].astype(str), embedded, nested.level, columns)
    obsm = {
        f"X_{key}": z.astype(np.float32),
        f"X_{key}_state": nested.embeddings.astype(np.float32),
        "composition": pd.DataFrame(nested.composition, index=nested.level, columns=nested.parts),
    }
    if covariances is not None:
        obsm[f"X_{key}_covariance"] = covariances
    var = pd.DataFrame(index=adata.uns[key]["embeddings"].columns)
    return AnnData(X=z.astype(np.float32), obs=obs, var=var, obsm=obsm)


def _label_columns(result: Mapping[str, Any], columns: Sequence[str] | None) -> pd.DataFrame:
    """What is known of groups that share units."""
    if columns:
        raise ValueError(
            "`columns`: the groups share units, so no column of `.obs` belongs to one of them. Leave it out."
        )
    names = result["embeddings"].index
    key = result["params"].get("group_key", [])
    labels = {key[0]: names.astype(float)} if len(key) else {}
    return pd.DataFrame(labels | {number: result[number] for number in ("n_units", "n_effective")}, index=names)


def _group_columns(adata: AnnData, key: str, columns: Sequence[str] | None) -> pd.DataFrame:
    """What is constant within each group."""
    embeddings = adata.uns[key]["embeddings"]
    labels = group_labels(adata.obs, list(adata.uns[key]["params"]["group_key"])).astype(str)
    categories = pd.Index(embeddings.index)
    codes = categories.get_indexer(labels)
    sizes = np.bincount(codes[codes >= 0], minlength=len(categories))  # the others were not asked for
    if not np.array_equal(sizes, adata.uns[key]["n_units"]):
        raise ValueError(
            f"The groups in `.obs` are not those in `.uns[{key!r}]`, or have other units. Call `model.get_group_embeddings(adata)` again."
        )

    return _columns_of(adata.obs, labels, codes >= 0, categories, columns)


def _columns_of(
    obs: pd.DataFrame, labels: pd.Series, embedded: np.ndarray, categories: pd.Index, columns: Sequence[str] | None
) -> pd.DataFrame:
    """Columns that are constant within each group, and its number of units; ``embedded`` says which units count."""
    units, labels = obs.loc[embedded], labels.loc[embedded]
    rows = GroupRows(categories.get_indexer(labels))
    obs = units.iloc[[rows[code][0] for code in rows.codes.tolist()]].set_axis(categories)
    obs = obs[_constant_columns(units, labels) if columns is None else _checked(units, labels, columns)].copy()
    for column in obs.columns[[pd.api.types.is_string_dtype(dtype) for dtype in obs.dtypes]]:
        obs[column] = obs[column].astype("category")  # what scanpy groups by
    obs["n_units"] = rows.sizes
    return obs


def _constant_columns(obs: pd.DataFrame, labels: pd.Series) -> list[str]:
    ours = [column for column in obs.columns if not str(column).startswith(("_scvi_", "_gde_"))]
    return [column for column in ours if not _varying_groups(obs, labels, column)]


def _checked(obs: pd.DataFrame, labels: pd.Series, columns: Sequence[str]) -> list[str]:
    for column in columns:
        if column not in obs:
            raise KeyError(f"`columns`: {column!r} is not a column of `.obs`. {near_matches(column, obs.columns)}")
        varying = _varying_groups(obs, labels, column)
        if varying:
            shown = ", ".join(varying[:5]) + (", …" if len(varying) > 5 else "")
            raise ValueError(
                f"`columns`: {column!r} varies within {len(varying)} groups ({shown}), so it says nothing about a group. "
                "Leave it out, or correct it in `.obs`."
            )
    return list(columns)


def _varying_groups(obs: pd.DataFrame, labels: pd.Series, column: str) -> list[str]:
    codes = pd.Series(pd.factorize(obs[column], use_na_sentinel=False)[0], index=labels.index)
    n_values = codes.groupby(labels.to_numpy()).nunique()
    return n_values.index[n_values > 1].tolist()
