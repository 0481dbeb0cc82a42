"""Covariates of units as codes, and back."""

from typing import Any

import numpy as np
import pandas as pd
from scvi import REGISTRY_KEYS

from gde.data import near_matches


class CovariateTable:
    """The covariates that a model was set up with.

    Parameters
    ----------
    registry
        The model's registry.
    setup_args
        Arguments of ``setup_anndata``.
    """

    def __init__(self, registry: dict[str, Any], setup_args: dict[str, Any]):
        states = {key: field["state_registry"] for key, field in registry["field_registries"].items()}
        self._batch_key = setup_args["batch_key"]
        self._categories = {self._batch_key: states[REGISTRY_KEYS.BATCH_KEY]["categorical_mapping"]}
        self._categories |= dict(states[REGISTRY_KEYS.CAT_COVS_KEY].get("mappings", {}))
        self._continuous_keys = list(setup_args["continuous_covariate_keys"] or [])

    @property
    def is_empty(self) -> bool:
        """Whether there are no covariates."""
        return list(self._categories) == [None] and not self._continuous_keys

    @property
    def batch_names(self) -> list[str]:
        """Names of the batches."""
        return [str(name) for name in self._categories[self._batch_key]] if self._batch_key else []

    @property
    def obs_keys(self) -> list[str]:
        """Columns of ``.obs``."""
        return [key for key in [*self._categories, *self._continuous_keys] if key is not None]

    def batch_code(self, batch: Any) -> int:
        """Code of a batch; one never seen is refused."""
        if self._batch_key is None:
            raise ValueError("`batch`: the model was set up without `batch_key`.")
        if str(batch) not in self.batch_names:
            raise KeyError(f"`batch`: {batch!r} was not seen in training. {near_matches(batch, self.batch_names)}")
        return self.batch_names.index(str(batch))

    def encode(self, obs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Codes (n_units, n_categorical), the batch first, -1 where unknown, and values (n_units, n_continuous)."""
        codes = [
            np.zeros(len(obs), dtype=np.int64)
            if key is None
            else pd.Index(categories).get_indexer(obs[key])
            if key in obs
            else np.full(len(obs), -1)
            for key, categories in self._categories.items()
        ]
        missing = [key for key in self._continuous_keys if key not in obs]
        if missing:
            raise KeyError(f"The model needs the continuous covariates {missing}, which are not in `.obs`.")
        return np.stack(codes, axis=1), obs[self._continuous_keys].to_numpy(np.float32)

    def encode_known(self, obs: pd.DataFrame, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As :meth:`encode`, for an encoder that reads them: those of ``rows`` must be known."""
        codes, values = self.encode(obs)
        columns = [key for key, is_bad in zip(self._categories, (codes[rows] < 0).any(axis=0), strict=True) if is_bad]
        columns += [
            key
            for key, is_bad in zip(self._continuous_keys, ~np.isfinite(values[rows]).all(axis=0), strict=True)
            if is_bad
        ]
        if columns:
            raise ValueError(
                f"The encoder of this model reads covariates, and some units have a value of {', '.join(map(repr, columns))} that training did not "
                f"see, or none{f' (batches of training: {self.batch_names})' if self._batch_key in columns else ''}. Leave these units out, or train "
                "a model with `encode_covariates=False`, which needs no covariates of new groups."
            )
        return codes, values

    def explain_unknown(self, codes: np.ndarray, *, takes_batch: bool) -> str:
        """What to do about codes (n_units, n_categorical) of which some are -1; ``takes_batch``: the caller has an argument for it."""
        keys = [key for key, column in zip(self._categories, codes.T, strict=True) if (column < 0).any()]
        can_choose = takes_batch and self._batch_key in keys
        cure = f"Pass `batch=` with one of {self.batch_names}, or leave" if can_choose else "Leave"
        return (
            f"Units of these groups have a value of {', '.join(map(repr, keys))} that training did not see, or that column of `.obs` is not there "
            f"(was it renamed?). {cure} these groups out."
        )

    def decode(self, codes: np.ndarray, values: np.ndarray) -> pd.DataFrame:
        """Columns of ``.obs`` for new units."""
        categorical = {
            key: pd.Categorical.from_codes(codes[:, column], categories=pd.Index(categories))
            for column, (key, categories) in enumerate(self._categories.items())
            if key is not None
        }
        continuous = {key: values[:, column] for column, key in enumerate(self._continuous_keys)}
        return pd.DataFrame(categorical | continuous, index=range(len(codes)))
