"""The AnnData field that says which class or number a unit's group has."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data.fields import NumericalObsField

from gde.data.label_of_units import label_of_units

LABEL_KEY = "_gde_label"


class LabelField(NumericalObsField):
    """A numeric field under scvi-tools' key for labels: the column ``_gde_label`` of ``.obs``, see :func:`label_of_units`.

    Another AnnData need not have labels, and its groups then count as unlabelled.

    Parameters
    ----------
    group_keys, labels_key, unlabeled_category
        See :func:`label_of_units`.
    """

    def __init__(self, group_keys: Sequence[str], labels_key: str, unlabeled_category: object):
        super().__init__(REGISTRY_KEYS.LABELS_KEY, LABEL_KEY)
        self._where = (list(group_keys), labels_key, unlabeled_category)

    def register_field(self, adata: AnnData) -> dict:
        """Write the column; the classes belong to the model."""
        adata.obs[LABEL_KEY], classes = label_of_units(adata.obs, *self._where)
        return super().register_field(adata) | {"classes": classes}

    def transfer_field(self, state_registry: dict, adata_target: AnnData, **kwargs: Any) -> dict:
        """Register another AnnData, with the classes of the model."""
        classes = state_registry["classes"]
        labels = np.full(adata_target.n_obs, np.nan)
        if self._where[1] in adata_target.obs:
            labels, _ = label_of_units(adata_target.obs, *self._where, classes=classes)
        adata_target.obs[LABEL_KEY] = labels
        super().register_field(adata_target)
        return {"classes": classes}
