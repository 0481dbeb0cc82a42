"""A matrix or array in `.obsm` whose units have a shape and a type."""

from typing import Any

from scvi.data.fields import ObsmField


class ShapedField(ObsmField):
    """scvi-tools' field for an array in ``.obsm``, which also keeps shape and type of a unit."""

    SHAPE_KEY, DTYPE_KEY = "shape_of_unit", "dtype"

    def register_field(self, adata: Any) -> dict:
        """Register the array with the shape and the type of a unit."""
        values = self.get_field_data(adata)
        return super().register_field(adata) | {
            self.SHAPE_KEY: [int(size) for size in values.shape[1:]],
            self.DTYPE_KEY: str(values.dtype),
        }
