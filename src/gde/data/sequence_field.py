"""The AnnData field of sequences."""

from collections.abc import Callable
from typing import Any

import numpy as np
from anndata import AnnData
from scvi.data.fields import ObsmField

TOKENS_KEY = "_gde_tokens"


class SequenceField(ObsmField):
    """scvi-tools' field for a matrix in ``.obsm``, which is made of an AnnData's sequences when it is registered.

    Parameters
    ----------
    registry_key
        What a batch calls the sequences.
    encode
        Makes codes of the sequences of an AnnData.
    """

    def __init__(self, registry_key: str, encode: Callable[[AnnData], np.ndarray]):
        self._encode = encode
        super().__init__(registry_key, TOKENS_KEY)

    def register_field(self, adata: AnnData) -> dict:
        """Encode the sequences, then register."""
        adata.obsm[TOKENS_KEY] = self._encode(adata)
        return super().register_field(adata)

    def transfer_field(self, state_registry: dict, adata_target: AnnData, **kwargs: Any) -> dict:
        """Encode the sequences of another AnnData, then register it."""
        adata_target.obsm[TOKENS_KEY] = self._encode(adata_target)
        return super().transfer_field(state_registry, adata_target, **kwargs)

    def _setup_column_names(self, adata: AnnData) -> np.ndarray:
        return np.arange(self.get_field_data(adata).shape[1])  # scvi-tools would log that it does so
