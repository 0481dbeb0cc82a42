"""What a model knows from its registry."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.model.base import BaseModelClass

from gde.data import Labels, Likelihood, Units, UnitSpec, hash_data, make_given_units, make_labels, make_units
from gde.model.describe_arguments import describe_arguments
from gde.module import GDEModule
from gde.nn import CovariateSizes
from gde.stats import EmbeddingRange

PACKAGES = ["gde-tools", "scvi-tools", "anndata", "torch", "numpy", "pandas"]  # whose versions are kept


class RegisteredModel(BaseModelClass):
    """scvi-tools' model class with names for what ``setup_anndata`` registered; the base of the parts of :class:`gde.GDEModel`."""

    module: GDEModule
    seed_: int
    n_epochs_: int
    embedding_range_: EmbeddingRange | None = None  # of the training groups, from the end of training
    data_hash_: str = ""  # of the training data
    trainings_: Sequence[dict[str, Any]] = ()  # arguments of each call of `train`
    labelled_groups_: Sequence[str] = ()  # whose labels training has seen

    @cached_property
    def labels(self) -> Labels:
        """The kind of labels, and where they are."""
        return make_labels(**self._setup_args)

    @cached_property
    def units(self) -> Units:
        """The kind of units, and where they are."""
        return make_units(**self._setup_args)

    @cached_property
    def unit_spec(self) -> UnitSpec:
        """What the registry says of the units."""
        return self.units.spec(self.registry_)

    @cached_property
    def given_units(self) -> Units | None:
        """What the encoder reads of each unit where this is not the unit itself."""
        return make_given_units(**self._setup_args)

    @property
    def group_keys(self) -> list[str]:
        """Columns of ``.obs`` that part the units into groups; none if groups share units."""
        return list(self.labels.group_keys)

    @property
    def group_names(self) -> Sequence[str]:
        """Names of the groups of the registered AnnData, in the order of their codes."""
        if self.adata is None:
            raise ValueError("This model was loaded without an AnnData, where its groups are.")
        return self.labels.prior(self.adata_manager).names

    @property
    def likelihood(self) -> Likelihood:
        """Likelihood of a unit."""
        return self.units.likelihood

    def get_var_names(self, legacy_mudata_format: bool = False) -> Any:
        """Names of the variables; of several modalities a dict."""
        if self.units.observation == "joint":
            return self._state(REGISTRY_KEYS.X_KEY)["column_names"]
        return super().get_var_names(legacy_mudata_format)

    def unit_matrix(self, adata: AnnData) -> Any:
        """The array of an AnnData whose rows are the units: ``.X``, a layer or an entry of ``.obsm``, as the model was set up."""
        return self.units.matrix(adata)

    @property
    def _setup_args(self) -> dict[str, Any]:
        return self.registry_["setup_args"]

    def _state(self, registry_key: str) -> dict[str, Any]:
        return self.registry_["field_registries"][registry_key]["state_registry"]

    def _covariate_sizes(self) -> CovariateSizes:
        return CovariateSizes(
            n_categories=(
                self.summary_stats.n_batch,
                *self._state(REGISTRY_KEYS.CAT_COVS_KEY).get("n_cats_per_key", []),
            ),
            n_continuous=self.summary_stats.get("n_extra_continuous_covs", 0),
        )

    def _check_is_trained(self) -> None:
        if not self.is_trained:
            raise RuntimeError(
                "This model has not been trained, so its results mean nothing: call `model.train()` first."
            )

    def _warn_if_outside(self, embeddings: pd.DataFrame) -> None:
        """Say which embeddings are unlike those of the groups that the model was trained on."""
        seen = self.embedding_range_
        if seen is None or not (outside := seen.is_outside(embeddings)).any():
            return
        names = [repr(str(name)) for name in embeddings.index[outside]]
        warnings.warn(
            f"{len(names)} of {len(outside)} embeddings lie outside the range of those seen in training ({', '.join(names[:5])}"
            f"{', …' if len(names) > 5 else ''}; Mahalanobis distance up to {np.max(seen.distances(embeddings)):.3g}, threshold {seen.threshold:.3g}): "
            "units generated from them are extrapolated. `gde.stats.EmbeddingRange` says how the range is found.",
            UserWarning,
            stacklevel=3,
        )

    def _hash(self, adata: AnnData) -> str:
        """Fingerprint of the groups and of what the encoder reads; a query may have no more than that."""
        return hash_data(adata, self.labels, self.units if self.given_units is None else self.given_units)

    def _describe(self, adata: AnnData | None = None) -> dict[str, object]:
        """What a result says about the model that it comes from, and the data; in types that h5ad holds."""
        made = self.init_params_["non_kwargs"]
        arguments = {"setup": self._setup_args, "model": made, "training": list(self.trainings_)}
        about = {} if adata is None else {"data_hash": self._hash(adata)}
        return {
            **self.labels.describe(),
            "model": type(self).__name__,
            "encoder": self.module.encoder.name,
            "generator": type(self.module.generator).__name__,
            "seed": self.seed_,
            "version": version("gde-tools"),
            "versions": {name: version(name) for name in PACKAGES},
            "training_data_hash": self.data_hash_,
            "arguments": json.dumps(describe_arguments(arguments)),
            **about,
        }
