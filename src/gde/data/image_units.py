"""Units that are images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from torch import Tensor

from gde.data.image_field import ImageField
from gde.data.near_matches import near_matches
from gde.data.unit_spec import UnitSpec
from gde.data.units import Selection, Units

ROWS_PER_CHUNK = 10_000
CONVENTIONS = {"uint8": (0.0, 255.0), "uint16": (0.0, 65535.0), "float": (0.0, 1.0)}  # the range that a type stands for


class ImageUnits(Units):
    """Images in a 4-D array in ``.obsm``, of shape (n_units, channel, height, width).

    Parameters
    ----------
    obsm_key
        Name of the array.
    value_range
        Smallest and largest value that a pixel can have; None: 0 to 255 for uint8, 0 to 65535 for uint16, 0 to 1 for floats.
    """

    observation = "image"

    def __init__(self, obsm_key: str, value_range: tuple[float, float] | None = None):
        if value_range is not None and not (
            len(value_range) == 2 and -np.inf < value_range[0] < value_range[1] < np.inf
        ):
            raise ValueError(
                f"`value_range` must be the smallest and the largest value of a pixel, got {value_range!r}."
            )
        self._obsm_key, self._value_range = obsm_key, value_range

    @property
    def where(self) -> str:
        """Where the images are, for errors."""
        return f"`.obsm[{self._obsm_key!r}]`"

    def matrix(self, adata: AnnData) -> Any:
        """The array of images."""
        if self._obsm_key not in adata.obsm:
            near = near_matches(self._obsm_key, adata.obsm.keys())
            raise KeyError(f"`obsm_key`: {self._obsm_key!r} is not in `.obsm`. {near}")
        return adata.obsm[self._obsm_key]

    def check(self, adata: AnnData) -> None:
        """Raise a clear error if there are no images of a known range."""
        images = self.matrix(adata)
        shape = tuple(getattr(images, "shape", ()))
        if len(shape) != 4 or 0 in shape:
            cure = " Give it a channel: `x[:, None]`." if len(shape) == 3 else ""
            raise ValueError(f"{self.where} must have the shape (n_units, channel, height, width), got {shape}.{cure}")
        if shape[3] < 5 <= shape[1]:
            raise ValueError(
                f"{self.where} has the shape {shape}: are channels last? Put them first, `numpy.moveaxis(x, -1, 1)`."
            )
        self.value_range(images.dtype)

    def check_values(self, adata: AnnData) -> None:
        """Raise a clear error if pixels are not finite, or outside the range."""
        images = self.matrix(adata)
        low, high = self.value_range(images.dtype)
        for start in range(0, len(images), ROWS_PER_CHUNK):
            chunk = np.asarray(images[start : start + ROWS_PER_CHUNK])
            least, most = chunk.min(), chunk.max()
            if not (np.isfinite(least) and np.isfinite(most)):
                raise ValueError(f"{self.where} has NaN or infinite values. Replace them or drop these units.")
            if least < low or most > high:
                raise ValueError(
                    f"{self.where} has values from {least:.4g} to {most:.4g}, which are not within {low:g} and {high:g}. "
                    f"Say what the range is: `value_range=({min(least, low):.4g}, {max(most, high):.4g})`."
                )

    def value_range(self, dtype: Any) -> tuple[float, float]:
        """Smallest and largest value that a pixel can have."""
        if not (np.issubdtype(dtype, np.integer) or np.issubdtype(dtype, np.floating)):
            raise ValueError(f"{self.where} must be numbers, got dtype {dtype}: `x.astype('uint8')`.")
        if self._value_range is not None:
            return self._value_range
        known = CONVENTIONS.get("float" if np.issubdtype(dtype, np.floating) else str(dtype))
        if known is None:
            raise ValueError(
                f"{self.where} is of type {dtype}, which does not say what black and white are: `value_range=(low, high)`."
            )
        return known

    def settings(self, adata: AnnData) -> dict[str, Any]:
        """The range, which may have come from the type."""
        return super().settings(adata) | {"value_range": self.value_range(self.matrix(adata).dtype)}

    def field(self) -> ImageField:
        """The field of the images."""
        return ImageField(self.registry_key, self._obsm_key)

    def spec(self, registry: Mapping[str, Any]) -> UnitSpec:
        """Shape, range and type of an image."""
        state = registry["field_registries"][self.registry_key]["state_registry"]
        return self.spec_of(tuple(state[ImageField.SHAPE_KEY]), state[ImageField.DTYPE_KEY], self.registry_key)

    def spec_of(self, shape: tuple[int, ...], dtype: str, registry_key: str) -> UnitSpec:
        """Shape, range and type of an image."""
        value_range = self.value_range(np.dtype(dtype))
        return UnitSpec("image", shape, registry_key=registry_key, value_range=value_range, dtype=dtype)

    def select(self, adata: AnnData, genes: Sequence[str], *, allow_missing_genes: bool = False) -> Selection:
        """The images of another AnnData."""
        return Selection(self.field(), obsm={self._obsm_key: self.matrix(adata)})

    def pack(self, units: Tensor, spec: UnitSpec) -> np.ndarray:
        """Images in the type of the training data."""
        images = units.numpy(force=True)
        dtype = np.dtype(spec.dtype)
        return (np.rint(images) if np.issubdtype(dtype, np.integer) else images).astype(dtype)

    def write(self, chunks: list[Any], obs: pd.DataFrame, var: pd.DataFrame) -> AnnData:
        """An AnnData with the images in ``.obsm``."""
        return AnnData(obs=obs, obsm={self._obsm_key: np.concatenate(chunks)})
