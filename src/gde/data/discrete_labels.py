"""Each unit belongs to one group."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager

from gde.data.disk_rows import DiskRows
from gde.data.group_field import GroupField
from gde.data.group_labels import group_labels
from gde.data.group_rows import GroupRows
from gde.data.label_prior import LabelPrior
from gde.data.labels import GroupKind, Labels
from gde.data.near_matches import near_matches

SORTED_BY = "gde_sorted_by"  # in `.uns`: the group keys by which a store was sorted


class DiscreteLabels(Labels):
    """Groups named by one or several columns of ``.obs``.

    Parameters
    ----------
    group_keys
        The columns; several make nested groups.
    """

    kind: ClassVar[GroupKind] = "discrete"

    def __init__(self, group_keys: Sequence[str]):
        self.group_keys = self.obs_keys = list(group_keys)

    def check(self, adata: AnnData, min_groups: int) -> None:
        """:func:`check_obs` has looked at the groups."""

    def field(self) -> GroupField:
        """A categorical field."""
        return GroupField(self.obs_keys)

    def prior(
        self, manager: AnnDataManager, rows: np.ndarray | None = None, wanted: Sequence[Any] | None = None
    ) -> LabelPrior:
        """The rows of each group."""
        codes = self.codes(manager)
        state = manager.get_state_registry(REGISTRY_KEYS.SAMPLE_KEY)
        names = [str(name) for name in state.categorical_mapping]
        if wanted is not None:
            known = {names[code]: code for code in np.unique(codes).tolist()}
            for name in map(self.name, wanted):
                if name not in known:
                    raise KeyError(f"`groups`: {name!r} is not a group here. {near_matches(name, known)}")
            rows = np.flatnonzero(np.isin(codes, [known[self.name(label)] for label in wanted]))
        return GroupRows(codes, rows, names, in_runs=self._in_runs(manager, codes))

    def codes(self, manager: AnnDataManager) -> np.ndarray:
        """The group of each unit."""
        return np.asarray(self._values(manager)).ravel()

    def are_current(self, manager: AnnDataManager) -> bool:
        """Whether ``.obs`` still names the groups that were registered: these are kept as codes, and users rename donors."""
        obs, names = manager.adata.obs, manager.get_state_registry(REGISTRY_KEYS.SAMPLE_KEY).categorical_mapping
        group, registered = pd.factorize(self.codes(manager))
        first = np.flatnonzero(~pd.Series(group).duplicated())  # a row of each group: joining levels is slow
        found = group_labels(obs.iloc[first], self.obs_keys).astype(str)
        if found.tolist() != [str(names[code]) for code in registered]:
            return False
        levels = (pd.factorize(obs[key])[0] for key in self.obs_keys)
        return all(np.array_equal(level, level[first][group]) for level in levels)

    def _in_runs(self, manager: AnnDataManager, codes: np.ndarray) -> bool:
        """Whether :func:`gde.pp.sort_by_group` wrote this AnnData, for these groups, and it still lies on disk as it was written."""
        sorted_by = manager.adata.uns.get(SORTED_BY)
        if sorted_by is None or not DiskRows.is_needed(manager.get_from_registry(REGISTRY_KEYS.X_KEY)):
            return False
        n_runs = np.count_nonzero(np.diff(codes)) + 1
        return [str(key) for key in np.asarray(sorted_by)] == self.obs_keys and n_runs == len(np.unique(codes))

    def describe(self) -> dict[str, Any]:
        """What a result says about its labels."""
        return super().describe() | {"group_key": list(self.group_keys)}

    def columns(self, obs: pd.DataFrame, prior: LabelPrior, codes: Sequence[int]) -> pd.DataFrame:
        """The levels of the groups, as categories."""
        levels = obs[self.obs_keys].iloc[[prior.measure(code)[0][0] for code in codes]].astype("category")
        return levels.apply(lambda column: column.cat.remove_unused_categories())
