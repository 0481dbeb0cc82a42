"""What a kind of unit must know of AnnData."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data.fields import BaseAnnDataField
from torch import Tensor

from gde.data.unit_spec import Likelihood, ObservationName, UnitSpec


class Selection(NamedTuple):
    """Units of an AnnData as a model reads them.

    Attributes
    ----------
    field
        The field that registers them.
    X, obsm
        Where it finds them.
    observed
        Which of the model's genes were measured; None: all, or these units have none.
    others
        More fields, where one does not hold all.
    """

    field: BaseAnnDataField
    X: Any = None
    obsm: Mapping[str, Any] = MappingProxyType({})
    observed: np.ndarray | None = None
    others: Sequence[BaseAnnDataField] = ()


class Units(ABC):
    """A kind of unit: where units are in an AnnData, which are refused, how they are registered and how generated ones are written.

    Its counterpart among the networks is a subclass of :class:`gde.observations.Observation`, which is built from :meth:`spec`.

    Attributes
    ----------
    observation
        Name of what a unit is.
    likelihood
        Name of the likelihood; ``"normal"`` for whatever is not counts.
    has_genes
        Whether the variables of a unit are ``.var``, and are aligned by name.
    registry_key
        What a batch calls the units.
    """

    observation: ObservationName
    likelihood: Likelihood = "normal"
    has_genes: bool = False
    registry_key: str = REGISTRY_KEYS.X_KEY

    @abstractmethod
    def matrix(self, adata: AnnData) -> Any:
        """The array whose rows are the units."""

    @abstractmethod
    def check(self, adata: AnnData) -> None:
        """Raise a clear error if the units are not there, or not of a type and shape that can be used."""

    @abstractmethod
    def check_values(self, adata: AnnData) -> None:
        """Raise a clear error if values cannot be used; reads all of them."""

    def settings(self, adata: AnnData) -> dict[str, Any]:
        """Arguments of ``setup_anndata`` that were left to the data."""
        return {"observation": self.observation}

    @abstractmethod
    def field(self) -> BaseAnnDataField:
        """The field that registers the units under :attr:`registry_key`."""

    @property
    def fields(self) -> Sequence[BaseAnnDataField]:
        """All fields, that of :meth:`field` first."""
        return [self.field()]

    @abstractmethod
    def spec(self, registry: Mapping[str, Any]) -> UnitSpec:
        """What a model must know of the units that were registered; ``registry`` is the model's."""

    def spec_of(self, shape: tuple[int, ...], dtype: str, registry_key: str) -> UnitSpec:
        """The same of units that are a modality, whose shape and type are known."""
        return UnitSpec(self.observation, shape, self.likelihood, registry_key, dtype=dtype)

    def of_query(self, adata: AnnData, spec: UnitSpec, *, allow_missing_genes: bool) -> "Units":
        """The same as far as another AnnData has it; ``spec`` is what the model was trained on."""
        return self

    @abstractmethod
    def select(self, adata: AnnData, genes: Sequence[str], *, allow_missing_genes: bool = False) -> Selection:
        """The units of another AnnData, with the model's genes in its order."""

    def check_shape(self, adata: AnnData, spec: UnitSpec) -> None:
        """Raise a clear error if a model that was trained on units of a certain shape cannot read those of an AnnData."""
        got = tuple(self.matrix(adata).shape[1:])
        if got != spec.shape:
            sizes = [" × ".join(map(str, sizes)) for sizes in (got, spec.shape)]
            what = "columns" if len(spec.shape) == 1 else "values in a unit"
            raise ValueError(f"{self.where} has {sizes[0]} {what}, and the model was trained on {sizes[1]}.")

    @property
    @abstractmethod
    def where(self) -> str:
        """Where the units are, for errors."""

    def var(self, adata: AnnData | None, names: Sequence[str]) -> Any:
        """The variables of generated units: those of the training data, or their names alone if these are not there."""
        return pd.DataFrame(index=names) if adata is None else adata.var.copy()

    def pack(self, units: Tensor, spec: UnitSpec) -> Any:
        """A chunk of generated units in the type of the training data."""
        return units.numpy(force=True)

    @abstractmethod
    def write(self, chunks: list[Any], obs: pd.DataFrame, var: pd.DataFrame) -> AnnData:
        """Generated units, packed chunk by chunk, where the training data have theirs."""
