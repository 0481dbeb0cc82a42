"""Units in the rows of a matrix."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data.fields import BaseAnnDataField, LayerField, ObsmField
from torch import Tensor

from gde.data.align_genes import align_genes
from gde.data.check_values import check_values
from gde.data.unit_matrix import unit_matrix
from gde.data.unit_spec import Likelihood, UnitSpec
from gde.data.units import Selection, Units


class MatrixUnits(Units):
    """Counts or continuous variables in ``.X`` or a layer, or continuous variables in ``.obsm``.

    Parameters
    ----------
    layer
        Name of the layer; None: ``.X``.
    obsm_key
        Name of the matrix in ``.obsm``, instead of a layer.
    likelihood
        See :meth:`gde.GDEModel.setup_anndata`.
    registry_key
        What a batch calls the units.
    argument
        The argument of ``setup_anndata`` that named ``obsm_key``, for errors.
    """

    def __init__(
        self,
        layer: str | None = None,
        obsm_key: str | None = None,
        likelihood: Likelihood | None = None,
        *,
        registry_key: str = REGISTRY_KEYS.X_KEY,
        argument: str = "obsm_key",
    ):
        self.has_genes = obsm_key is None
        self.likelihood = likelihood or ("nb" if self.has_genes else "normal")
        self.observation = "continuous" if self.likelihood == "normal" else "counts"
        self.registry_key = registry_key
        self._layer, self._obsm_key, self._argument = layer, obsm_key, argument

    @property
    def where(self) -> str:
        """Where the units are, for errors."""
        if self._obsm_key is not None:
            return f"`.obsm[{self._obsm_key!r}]`"
        return "`.X`" if self._layer is None else f"`.layers[{self._layer!r}]`"

    def matrix(self, adata: AnnData) -> Any:
        """The matrix whose rows are the units."""
        return unit_matrix(adata, self._layer, self._obsm_key, argument=self._argument)[0]

    def check(self, adata: AnnData) -> None:
        """Raise a clear error if the matrix is not there, empty, or of a type that cannot be read."""
        matrix, where = unit_matrix(adata, self._layer, self._obsm_key, argument=self._argument)
        if isinstance(matrix, sp.sparray):
            raise ValueError(
                f"`{where}` is a sparse array, which scvi-tools cannot read: `{where} = scipy.sparse.csr_matrix({where})`."
            )
        if 0 in matrix.shape:
            raise ValueError(f"`{where}` is empty: its shape is {tuple(matrix.shape)}. Was everything filtered out?")

    def check_values(self, adata: AnnData) -> None:
        """Raise a clear error if there are values that the likelihood cannot score."""
        matrix, where = unit_matrix(adata, self._layer, self._obsm_key, argument=self._argument)
        check_values(matrix, where, are_counts=self.observation == "counts", are_binary=self.likelihood == "bernoulli")

    def field(self) -> BaseAnnDataField:
        """scvi-tools' field of a layer or of a matrix in ``.obsm``."""
        if self._obsm_key is not None:
            return ObsmField(self.registry_key, self._obsm_key)
        # `check` has looked at every value.
        return LayerField(self.registry_key, self._layer, is_count_data=False)

    def spec(self, registry: Mapping[str, Any]) -> UnitSpec:
        """The number of variables and the likelihood."""
        sizes = registry["field_registries"][self.registry_key]["summary_stats"]
        n_vars = sizes["n_vars" if self.has_genes else f"n_{self.registry_key}"]
        return UnitSpec(self.observation, (n_vars,), self.likelihood, self.registry_key)

    def select(self, adata: AnnData, genes: Sequence[str], *, allow_missing_genes: bool = False) -> Selection:
        """The matrix of another AnnData, with the model's genes in its order."""
        matrix = self.matrix(adata)
        if self._obsm_key is not None:
            return Selection(self.field(), obsm={self._obsm_key: matrix})
        matrix, observed = align_genes(matrix, adata.var_names, pd.Index(genes), allow_missing_genes)
        return Selection(LayerField(self.registry_key, None, is_count_data=False), X=matrix, observed=observed)

    def check_shape(self, adata: AnnData, spec: UnitSpec) -> None:
        """Raise a clear error if the number of variables differs; genes are aligned instead."""
        if not self.has_genes:
            super().check_shape(adata, spec)

    def pack(self, units: Tensor, spec: UnitSpec) -> sp.csr_matrix | np.ndarray:
        """Counts come back sparse."""
        values = units.numpy(force=True)
        return sp.csr_matrix(values) if self.observation == "counts" else values

    def write(self, chunks: list[Any], obs: pd.DataFrame, var: pd.DataFrame) -> AnnData:
        """An AnnData with the units in the layer and in ``.X``, or in ``.obsm`` alone."""
        matrix = sp.vstack(chunks, format="csr") if self.observation == "counts" else np.concatenate(chunks)
        if self._obsm_key is not None:
            return AnnData(obs=obs, obsm={self._obsm_key: matrix})
        new = AnnData(X=matrix, obs=obs, var=var)
        if self._layer is not None:
            new.layers[self._layer] = new.X.copy()
        return new
