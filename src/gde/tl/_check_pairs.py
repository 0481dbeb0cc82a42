"""Pairs of groups or classes that a user asks for."""

from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from gde.data import near_matches


def check_pairs(
    pairs: Sequence[tuple[Any, Any]] | None, members: dict[Hashable, Any]
) -> Iterable[tuple[Hashable, Hashable]]:
    """All pairs of ``members``, or those that are asked for, if they are pairs of different names that are there."""
    if len(members) < 2:
        raise ValueError(f"There is nothing to compare: {near_matches('', members)}")
    if pairs is None:
        return combinations(members, 2)
    check_are_pairs(pairs)
    for name in (name for pair in pairs for name in pair):
        if name not in members:
            raise KeyError(f"`pairs`: {name!r} is not there. {near_matches(name, members)}")
    if any(a == b for a, b in pairs):
        raise ValueError("`pairs`: each pair must name two different groups.")
    return pairs


def check_are_pairs(pairs: Any) -> None:
    """A list of pairs, whatever they are of."""
    if not _is_list(pairs) or not len(pairs) or not all(_is_list(pair) and len(pair) == 2 for pair in pairs):
        raise ValueError(f"`pairs` must be a list of pairs of names, e.g. `pairs=[('D1', 'D2')]`, got {pairs!r}.")


def _is_list(value: object) -> bool:
    return pd.api.types.is_list_like(value, allow_sets=False)
