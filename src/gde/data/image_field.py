"""The AnnData field of images."""

from typing import Any

from anndata import AnnData

from gde.data.shaped_field import ShapedField


class ImageField(ShapedField):
    """The field for images in ``.obsm``."""

    SHAPE_KEY = "image_shape"  # so it stands in models that were saved

    def transfer_field(self, state_registry: dict, adata_target: AnnData, **kwargs: Any) -> dict:
        """Register the images of another AnnData; generated ones keep the type of the first."""
        shape = self.register_field(adata_target)[self.SHAPE_KEY]
        if shape != list(state_registry[self.SHAPE_KEY]):
            raise ValueError(
                f"`.obsm[{self.attr_key!r}]` has images of shape {shape}, and the model was trained on {list(state_registry[self.SHAPE_KEY])}: "
                "crop or resize them."
            )
        return dict(state_registry)
