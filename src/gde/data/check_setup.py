"""All checks of an AnnData before it is registered."""

from collections.abc import Sequence

import scipy.sparse as sp
from anndata import AnnData

from gde.data.check_obs import check_obs
from gde.data.check_values import check_values
from gde.data.labels import Labels
from gde.data.unit_matrix import unit_matrix


def check_setup(
    adata: AnnData,
    labels: Labels,
    *,
    layer: str | None = None,
    obsm_key: str | None = None,
    likelihood: str | None = None,
    batch_key: str | None = None,
    categorical_covariate_keys: Sequence[str] | None = None,
    continuous_covariate_keys: Sequence[str] | None = None,
    min_groups: int = 2,
) -> None:
    """Raise a clear error, and change nothing, if an AnnData does not fit the arguments of ``setup_anndata``.

    Parameters
    ----------
    adata
        The AnnData.
    labels
        Where the labels are.
    layer, obsm_key, likelihood, batch_key, categorical_covariate_keys, continuous_covariate_keys
        See :meth:`gde.GDEModel.setup_anndata`.
    min_groups
        Fewest groups that make sense.

    Raises
    ------
    KeyError
        If a column, layer or key does not exist.
    ValueError
        If labels are missing, there are too few groups, values do not fit the likelihood, ``adata`` is a view or empty, or names are
        duplicated.
    """
    if not isinstance(adata, AnnData):
        raise TypeError(f"`adata` must be an AnnData, got {type(adata).__name__}.")
    if adata.is_view:
        raise ValueError("`adata` is a view of another AnnData. Make it its own with `adata = adata.copy()`.")
    if obsm_key is not None and (layer is not None or likelihood not in (None, "normal")):
        raise ValueError("`obsm_key` names continuous units: leave out `layer`, and use `likelihood='normal'` or none.")
    matrix, where = unit_matrix(adata, layer, obsm_key)
    if isinstance(matrix, sp.sparray):
        raise ValueError(
            f"`{where}` is a sparse array, which scvi-tools cannot read: `{where} = scipy.sparse.csr_matrix({where})`."
        )
    if 0 in matrix.shape:
        raise ValueError(f"`{where}` is empty: its shape is {tuple(matrix.shape)}. Was everything filtered out?")
    if not adata.var_names.is_unique:
        example = adata.var_names[adata.var_names.duplicated()][0]
        raise ValueError(f"`.var_names` has duplicates, e.g. {example!r}. Call `adata.var_names_make_unique()`.")
    categorical = [key for key in [batch_key, *(categorical_covariate_keys or [])] if key is not None]
    _check_roles([*labels.obs_keys, *categorical, *(continuous_covariate_keys or [])])
    check_obs(adata.obs, labels.group_keys, categorical, continuous_covariate_keys or [], min_groups=min_groups)
    labels.check(adata, min_groups)
    are_counts = obsm_key is None and likelihood != "normal"
    check_values(matrix, where, are_counts=are_counts, are_binary=likelihood == "bernoulli")


def _check_roles(keys: Sequence[str]) -> None:
    twice = [key for key in dict.fromkeys(keys) if list(keys).count(key) > 1]
    if twice:
        raise ValueError(
            f"{', '.join(map(repr, twice))} of `.obs` is named more than once among group, batch and covariates: name each column in one role."
        )
