"""All checks of an AnnData before it is registered."""

from collections.abc import Sequence

from anndata import AnnData

from gde.data.check_anndata import check_anndata
from gde.data.check_obs import check_obs
from gde.data.labels import Labels
from gde.data.units import Units


def check_setup(
    adata: AnnData,
    labels: Labels,
    units: Sequence[Units],
    *,
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
    units
        Where the units are, and what else the model reads of them.
    batch_key, categorical_covariate_keys, continuous_covariate_keys
        See :meth:`gde.GDEModel.setup_anndata`.
    min_groups
        Fewest groups that make sense.

    Raises
    ------
    KeyError
        If a column, layer or key does not exist.
    TypeError
        If ``adata`` is something else.
    ValueError
        If labels are missing, there are too few groups, values do not fit the likelihood, ``adata`` is a view or empty, or names are
        duplicated.
    """
    is_joint = any(kind.observation == "joint" for kind in units)
    if not is_joint:
        check_anndata(adata)
    if adata.is_view:
        raise ValueError("`adata` is a view of another AnnData. Make it its own with `adata = adata.copy()`.")
    if not is_joint and not adata.var_names.is_unique:
        example = adata.var_names[adata.var_names.duplicated()][0]
        raise ValueError(f"`.var_names` has duplicates, e.g. {example!r}. Call `adata.var_names_make_unique()`.")
    if not adata.obs.columns.is_unique:
        example = adata.obs.columns[adata.obs.columns.duplicated()][0]
        raise ValueError(
            f"`.obs` has several columns named {example!r}. Rename them, or keep the first: "
            "`adata.obs = adata.obs.loc[:, ~adata.obs.columns.duplicated()]`."
        )
    for kind in units:
        kind.check(adata)
    categorical = [key for key in [batch_key, *(categorical_covariate_keys or [])] if key is not None]
    _check_roles([*labels.obs_keys, *categorical, *(continuous_covariate_keys or [])])
    check_obs(adata.obs, labels.group_keys, categorical, continuous_covariate_keys or [], min_groups=min_groups)
    labels.check(adata, min_groups)
    for kind in units:
        kind.check_values(adata)


def _check_roles(keys: Sequence[str]) -> None:
    twice = [key for key in dict.fromkeys(keys) if list(keys).count(key) > 1]
    if twice:
        raise ValueError(
            f"{', '.join(map(repr, twice))} of `.obs` is named more than once among group, batch and covariates: name each column in one role."
        )
