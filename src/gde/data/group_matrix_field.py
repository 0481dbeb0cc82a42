"""The AnnData field that says with what probability a unit belongs to each group."""

from typing import Any

from anndata import AnnData
from scvi.data.fields import ObsmField


class GroupMatrixField(ObsmField):
    """scvi-tools' field for a matrix in ``.obsm``; another AnnData may have other groups, which a model embeds without training."""

    def transfer_field(self, state_registry: dict, adata_target: AnnData, **kwargs: Any) -> dict:
        """Register another AnnData, whose groups may be new."""
        return self.register_field(adata_target)
