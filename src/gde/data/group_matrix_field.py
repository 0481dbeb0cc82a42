"""The AnnData field that says with what probability a unit belongs to each group."""

from typing import Any

from anndata import AnnData
from scvi.data.fields import ObsmField

from gde.data.group_matrix import group_matrix


class GroupMatrixField(ObsmField):
    """scvi-tools' field for a matrix in ``.obsm``, which stays as it is.

    Another AnnData may have other groups, which a model embeds without training.
    """

    def register_field(self, adata: AnnData) -> dict:
        """Register the matrix with the names of its groups."""
        self.validate_field(adata)
        names = group_matrix(self.get_field_data(adata), f"`.obsm[{self.attr_key!r}]`")[1]
        return {self.COLUMN_NAMES_KEY: names}

    def transfer_field(self, state_registry: dict, adata_target: AnnData, **kwargs: Any) -> dict:
        """Register another AnnData, whose groups may be new."""
        return self.register_field(adata_target)
