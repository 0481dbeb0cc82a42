"""The AnnData field that says which group a unit belongs to."""

import warnings
from collections.abc import Sequence
from typing import Any

from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data.fields import CategoricalObsField

from gde.data.group_labels import group_labels

JOINED_KEY = "_gde_group"


class GroupField(CategoricalObsField):
    """scvi-tools' categorical field for the groups, under its key for samples.

    Several group keys are joined into the column ``_gde_group`` of ``.obs``. Groups that were never seen extend the categories: a model
    embeds them without training.

    Parameters
    ----------
    group_keys
        Columns of ``.obs``.
    """

    def __init__(self, group_keys: Sequence[str]):
        self.group_keys = list(group_keys)
        super().__init__(REGISTRY_KEYS.SAMPLE_KEY, self.group_keys[0] if len(self.group_keys) == 1 else JOINED_KEY)

    def register_field(self, adata: AnnData) -> dict:
        """Join the keys if there are several, then register."""
        self._join(adata)
        with warnings.catch_warnings():  # small groups are what sets are for
            warnings.filterwarnings("ignore", message=".*has fewer than 3 cells")
            return super().register_field(adata)

    def transfer_field(self, state_registry: dict, adata_target: AnnData, **kwargs: Any) -> dict:
        """Register another AnnData, whose groups may be new."""
        self._join(adata_target)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*has fewer than 3 cells")
            return super().transfer_field(state_registry, adata_target, **(kwargs | {"extend_categories": True}))

    def _join(self, adata: AnnData) -> None:
        if len(self.group_keys) > 1:
            adata.obs[JOINED_KEY] = group_labels(adata.obs, self.group_keys)
