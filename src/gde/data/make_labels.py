"""From the arguments of `setup_anndata` to a kind of label."""

from collections.abc import Sequence
from typing import Any, get_args

from gde.data.continuous_labels import ContinuousLabels
from gde.data.discrete_labels import DiscreteLabels
from gde.data.labels import GroupKind, Labels
from gde.data.noisy_labels import NoisyLabels


def make_labels(
    group_key: str | Sequence[str] | None = None,
    group_kind: GroupKind = "discrete",
    bandwidth: float | None = None,
    group_obsm_key: str | None = None,
    group_obsm_kind: str | None = None,
    **others: Any,
) -> Labels:
    """The kind of label that the arguments of :meth:`gde.GDEModel.setup_anndata` say; those on other things are ignored.

    Raises
    ------
    ValueError
        If arguments are missing, or belong to another kind.

    Examples
    --------
    >>> from gde.data import make_labels
    >>> make_labels("donor").kind, make_labels("age", "continuous", bandwidth=5.0).bandwidth
    ('discrete', 5.0)
    """
    if group_kind not in get_args(GroupKind):
        raise ValueError(
            f"`group_kind` must be one of {', '.join(map(repr, get_args(GroupKind)))}, got {group_kind!r}."
        )
    for argument, value, kind in (
        ("bandwidth", bandwidth, "continuous"),
        ("group_obsm_key", group_obsm_key, "noisy"),
        ("group_obsm_kind", group_obsm_kind, "noisy"),
    ):
        if value is not None and group_kind != kind:
            raise ValueError(
                f"`{argument}` is for `group_kind={kind!r}`, and this is {group_kind!r}. Leave it out, or change the kind."
            )
    if group_kind == "noisy":
        if group_key is not None:
            raise ValueError(
                "`group_key` is not for `group_kind='noisy'`, whose groups are the columns of `.obsm[group_obsm_key]`."
            )
        return NoisyLabels(group_obsm_key, group_obsm_kind)
    keys = [group_key] if isinstance(group_key, str) else list(group_key or [])
    if not keys:
        raise ValueError("`group_key` names no column. Name at least one column of `.obs`.")
    if group_kind == "discrete":
        return DiscreteLabels(keys)
    if len(keys) > 1:
        raise ValueError(f"`group_key` must be one column for `group_kind='continuous'`, got {keys}.")
    return ContinuousLabels(keys[0], bandwidth)
