"""The AnnData field of images."""

from typing import Any

from anndata import AnnData
from scvi.data.fields import ObsmField


class ImageField(ObsmField):
    """scvi-tools' field for an array in ``.obsm``, which also keeps shape and type of an image."""

    SHAPE_KEY, DTYPE_KEY = "image_shape", "dtype"

    def register_field(self, adata: AnnData) -> dict:
        """Register the images with their shape and type."""
        images = self.get_field_data(adata)
        return super().register_field(adata) | {
            self.SHAPE_KEY: [int(size) for size in images.shape[1:]],
            self.DTYPE_KEY: str(images.dtype),
        }

    def transfer_field(self, state_registry: dict, adata_target: AnnData, **kwargs: Any) -> dict:
        """Register the images of another AnnData; generated ones keep the type of the first."""
        shape = self.register_field(adata_target)[self.SHAPE_KEY]
        if shape != list(state_registry[self.SHAPE_KEY]):
            raise ValueError(
                f"`.obsm[{self.attr_key!r}]` has images of shape {shape}, and the model was trained on {list(state_registry[self.SHAPE_KEY])}: "
                "crop or resize them."
            )
        return dict(state_registry)
