"""An entry of `.obsm` that is made when it is registered."""

from collections.abc import Callable
from typing import Any

import numpy as np
from mudata import MuData

from gde.data.shaped_field import ShapedField


class BuiltField(ShapedField):
    """scvi-tools' field for a matrix in ``.obsm`` that is made from a MuData first.

    Parameters
    ----------
    registry_key, attr_key
        As in scvi-tools.
    build
        Makes the matrix, with a row for each unit of the MuData. An AnnData has it already.
    names
        Makes what the registry keeps as names of the columns; None: their numbers.
    """

    def __init__(
        self,
        registry_key: str,
        attr_key: str,
        build: Callable[[MuData], Any],
        names: Callable[[MuData], Any] | None = None,
    ):
        super().__init__(registry_key, attr_key)
        self._build, self._names = build, names

    def register_field(self, adata: Any) -> dict:
        """Make the matrix, then register it."""
        if isinstance(adata, MuData):
            adata.obsm[self.attr_key] = self._build(adata)
        return super().register_field(adata)

    def transfer_field(self, state_registry: dict, adata_target: Any, **kwargs: Any) -> dict:
        """Register another MuData of the same variables; generated units keep the type of the first."""
        shape, want = (list(state[self.SHAPE_KEY]) for state in (self.register_field(adata_target), state_registry))
        if shape != want:
            raise ValueError(
                f"Modality {self.attr_key.removeprefix('_gde_')!r} has units of shape {shape}, and the model was trained on {want}."
            )
        super().transfer_field(state_registry, adata_target, **kwargs)
        return dict(state_registry)

    def _setup_column_names(self, adata: Any) -> Any:
        if self._names is not None and isinstance(adata, MuData):
            return self._names(adata)
        return np.arange(self.get_field_data(adata).shape[1])  # scvi-tools would log that it does so
