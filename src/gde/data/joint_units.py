"""Units that are seen in several ways: the modalities of a MuData."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from mudata import MuData
from scvi import REGISTRY_KEYS
from scvi.data.fields import BaseAnnDataField

from gde._no_pulling import no_pulling
from gde.data.built_field import BuiltField
from gde.data.near_matches import near_matches
from gde.data.unit_spec import UnitSpec
from gde.data.units import Selection, Units


class JointUnits(Units):
    """Cells of which each modality has its own variables and likelihood, and of which some may lack modalities.

    Each modality is laid out with a row for every unit of the MuData, empty where the unit lacks it, in ``.obsm["_gde_<modality>"]``; where no unit does
    this is the modality's own matrix and no copy. ``.obsm["_gde_measured"]`` says which unit has which.

    Parameters
    ----------
    parts
        What a unit is in each modality, by its name.
    modalities
        The arguments that say so.
    absent
        Modalities that no unit has, and the shape of a unit in them; they are not looked for.
    """

    observation = "joint"
    likelihood: Any = "joint"
    has_genes = True

    def __init__(
        self,
        parts: Mapping[str, Units],
        modalities: Mapping[str, Mapping[str, Any]],
        absent: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
    ):
        self.parts, self.absent, self._modalities = dict(parts), dict(absent), modalities

    @property
    def present(self) -> dict[str, Units]:
        """The parts that some units have."""
        return {name: part for name, part in self.parts.items() if name not in self.absent}

    def of_query(self, adata: Any, spec: UnitSpec, *, allow_missing_genes: bool) -> JointUnits:
        """Modalities that another MuData lacks are absent, if that is allowed; those that it has are looked for by name."""
        absent = [name for name in self.parts if name not in adata.mod] if isinstance(adata, MuData) else []
        if not 0 < len(absent) < len(self.parts):
            return self
        if not allow_missing_genes:
            raise KeyError(
                f"Modality {absent[0]!r} of the model is not in `mdata.mod`. {near_matches(absent[0], adata.mod.keys())} "
                "`allow_missing_genes=True` reads units by the modalities that they have."
            )
        return JointUnits(self.parts, self._modalities, {name: spec.parts[name].shape for name in absent})

    @property
    def where(self) -> str:
        """Where the units are, for errors."""
        return f"`.mod` ({', '.join(self.parts)})"

    def matrix(self, adata: Any) -> Any:
        """There is no single one."""
        raise ValueError(
            f"The units of this model have several modalities ({', '.join(self.parts)}), and this looks at a single matrix of them. Compare one "
            "modality at a time, e.g. with `gde.metrics` on generated and real `mdata.mod[...]`."
        )

    def check(self, adata: Any) -> None:
        """Raise a clear error, which names the modality, if one is not there or has not the form that it should have."""
        if not isinstance(adata, MuData):
            raise TypeError(
                f"`mdata` must be a MuData with the modalities {list(self.parts)}, got {type(adata).__name__}. An AnnData of one of them becomes a MuData "
                f"with `mudata.MuData({{{next(iter(self.parts))!r}: adata}})`; the columns of groups belong into `mdata.obs`."
            )
        if adata.isbacked:
            raise ValueError(
                "`mdata` is read from its file bit by bit, which only an AnnData can be: open it without `backed=`."
            )
        for name, part in self.present.items():
            if name not in adata.mod:
                raise KeyError(f"`modalities`: {name!r} is not in `mdata.mod`. {near_matches(name, adata.mod.keys())}")
            modality = adata.mod[name]
            with _naming(name):
                for axis in ("obs_names", "var_names"):
                    names = getattr(modality, axis)
                    if not names.is_unique:
                        raise ValueError(
                            f"`.{axis}` has duplicates, e.g. {names[names.duplicated()][0]!r}. Make them unique."
                        )
                if not _knows_cells(adata, name):
                    raise ValueError("its cells are no longer those that the MuData knows of: call `mdata.update()`.")
                part.check(modality)
        is_empty = ~np.any([_rows(adata, name) >= 0 for name in self.parts], axis=0)
        if is_empty.any():
            raise ValueError(
                f"{is_empty.sum()} of {adata.n_obs} units have none of the modalities {list(self.parts)}, e.g. {adata.obs_names[is_empty][0]!r}: "
                "drop them, or add the modality that they have."
            )

    def check_values(self, adata: Any) -> None:
        """Raise a clear error, which names the modality, if there are values that its likelihood cannot score."""
        for name, part in self.present.items():
            with _naming(name):
                part.check_values(adata.mod[name])

    def field(self) -> BaseAnnDataField:
        """Which units have which modality; the names of all variables are kept with it."""
        return BuiltField(
            self.registry_key,
            "_gde_measured",
            lambda mdata: np.stack([_rows(mdata, name) >= 0 for name in self.parts], axis=1).astype(np.float32),
            lambda mdata: {name: np.asarray(mdata.mod[name].var_names, dtype=object) for name in self.parts},
        )

    @property
    def fields(self) -> list[BaseAnnDataField]:
        """One field for each modality, and the one that says which units have it."""

        def builder(name: str) -> Any:
            return lambda mdata: _lay_out(self.parts[name].matrix(mdata.mod[name]), _rows(mdata, name))

        return [self.field(), *(BuiltField(_key(name), f"_gde_{name}", builder(name)) for name in self.parts)]

    def settings(self, adata: Any) -> dict[str, Any]:
        """What each modality left to the data."""
        found = {name: part.settings(adata.mod[name]) for name, part in self.parts.items()}
        return {"modalities": {name: {**options, **found[name]} for name, options in self._modalities.items()}}

    def spec(self, registry: Mapping[str, Any]) -> UnitSpec:
        """The number of variables, likelihood and place of each modality."""
        parts = {}
        for name, part in self.parts.items():
            state = registry["field_registries"][_key(name)]["state_registry"]
            shape, dtype = tuple(state[BuiltField.SHAPE_KEY]), state[BuiltField.DTYPE_KEY]
            parts[name] = part.spec_of(shape, dtype, _key(name))
        n_vars = sum(math.prod(part.shape) for part in parts.values())
        return UnitSpec(self.observation, (n_vars,), registry_key=self.registry_key, parts=parts)

    def select(self, adata: Any, genes: Any, *, allow_missing_genes: bool = False) -> Selection:
        """The modalities of another MuData, with the model's variables in its order."""
        obsm, observed = {}, []
        for name, part in self.parts.items():
            if name in self.absent:
                size = (adata.n_obs, *self.absent[name])
                empty = sp.csr_matrix if part.observation == "counts" else np.zeros
                obsm[f"_gde_{name}"] = empty(size, dtype=np.float32)
                observed.append(np.zeros(math.prod(size[1:]), dtype=bool))
                continue
            modality = adata.mod[name]
            with _naming(name):
                chosen = part.select(modality, list(genes[name]), allow_missing_genes=allow_missing_genes)
            matrix = chosen.X if part.has_genes else next(iter(chosen.obsm.values()))
            obsm[f"_gde_{name}"] = _lay_out(matrix, _rows(adata, name))
            is_there = np.ones(math.prod(matrix.shape[1:]), dtype=bool)
            observed.append(is_there if chosen.observed is None else chosen.observed)
        obsm["_gde_measured"] = np.stack([_rows(adata, name) >= 0 for name in self.parts], axis=1).astype(np.float32)
        mask = np.concatenate(observed)
        first, *others = self.fields
        return Selection(first, obsm=obsm, observed=None if mask.all() else mask, others=others)

    def check_shape(self, adata: Any, spec: UnitSpec) -> None:
        """Raise a clear error, which names the modality, if units in ``.obsm`` have another shape."""
        for name, part in self.present.items():
            with _naming(name):
                part.check_shape(adata.mod[name], spec.parts[name])

    def var(self, adata: Any, names: Any) -> dict[str, pd.DataFrame]:
        """The variables of each modality."""
        return {
            name: pd.DataFrame(index=list(names[name])) if adata is None else adata.mod[name].var.copy()
            for name in self.parts
        }

    def pack(self, units: Any, spec: UnitSpec) -> dict[str, Any]:
        """Each modality in its own type."""
        return {name: part.pack(units[name], spec.parts[name]) for name, part in self.parts.items()}

    def write(self, chunks: list[Any], obs: pd.DataFrame, var: Any) -> Any:
        """A MuData whose units have all modalities."""
        modalities = {
            name: part.write([chunk[name] for chunk in chunks], pd.DataFrame(index=obs.index), var[name])
            for name, part in self.parts.items()
        }
        with no_pulling():
            new = MuData(modalities)
        for column in obs:
            new.obs[column] = obs[column]
        return new


def _key(name: str) -> str:
    return f"{REGISTRY_KEYS.X_KEY}_{name}"


def _rows(mdata: MuData, name: str) -> np.ndarray:
    """Row of each unit in a modality; -1 where it lacks it."""
    if name not in mdata.mod:
        return np.full(mdata.n_obs, -1)
    return mdata.mod[name].obs_names.get_indexer(mdata.obs_names)


def _knows_cells(mdata: MuData, name: str) -> bool:
    """Whether a MuData has seen the last change of the cells of a modality."""
    rows = _rows(mdata, name)
    known: Any = np.ravel(mdata.obsmap[name]) if name in mdata.obsmap else []  # from 1; 0 where a cell lacks it
    return np.array_equal(known, rows + 1) and (rows >= 0).sum() == mdata.mod[name].n_obs


def _lay_out(matrix: Any, rows: np.ndarray) -> Any:
    """A row for each unit, empty where the modality lacks it."""
    is_sparse = sp.issparse(matrix)
    if is_sparse and matrix.format != "csr":
        matrix = sp.csr_matrix(matrix)
    is_integer = len(matrix.shape) == 2 and np.issubdtype(matrix.dtype, np.integer)
    if np.array_equal(rows, np.arange(matrix.shape[0])) and (is_sparse or not is_integer):
        return matrix
    if is_sparse:
        empty = sp.csr_matrix((1, matrix.shape[1]), dtype=matrix.dtype)
        chosen = sp.vstack([matrix, empty], format="csr")[rows]  # row -1 is the empty one
    else:
        chosen = np.asarray(matrix)[rows]
        chosen[rows < 0] = 0
    return chosen.astype(np.float32) if is_integer else chosen  # mudata 0.3 cannot put integers that it reads in order


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Errors say which modality they are about."""
    try:
        yield
    except (KeyError, ValueError) as error:
        raise type(error)(f"Modality {name!r}: {error.args[0]}") from None
