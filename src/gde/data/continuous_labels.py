"""Labels are numbers, and neighbouring numbers share units."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from scvi.data.fields import NumericalObsField

from gde.data.label_prior import LabelPrior
from gde.data.labels import GroupKind, Labels
from gde.data.near_matches import near_matches
from gde.data.silverman_bandwidth import silverman_bandwidth
from gde.data.split_units import split_units
from gde.data.weighted_rows import WeightedRows

MAX_LABELS = 200  # more distinct labels are thinned: their measures hardly differ, and all have their weights in memory
REACH = np.sqrt(
    2 * np.log(1e3)
)  # in bandwidths: a kernel's weight falls to a thousandth, and 2e-4 of its mass lies beyond


class ContinuousLabels(Labels):
    r"""Labels in a numeric column, e.g. an age; the measure of a label y weights all units by a Gaussian kernel.

    .. math:: w_{yi} = \exp\big(-(y_i - y)^2 / 2 h^2\big) \quad\text{for } |y_i - y| \le 3.7\,h, \text{ else } 0.

    This is the conditional distribution of Nadaraya and Watson (Nadaraya 1964, doi 10.1137/1109020; Watson 1964). The labels that training draws
    are those of the units; of more than 200 distinct ones, 200 that are evenly spaced in rank.

    Parameters
    ----------
    group_key
        The column of ``.obs``.
    bandwidth
        h, in units of the labels; None: Silverman's rule on the distinct labels, chosen once, in ``setup_anndata``.
    """

    kind: ClassVar[GroupKind] = "continuous"

    def __init__(self, group_key: str, bandwidth: float | None = None):
        self.obs_keys = [group_key]
        self.bandwidth = bandwidth
        if bandwidth is not None and not (np.isreal(bandwidth) and 0 < bandwidth < np.inf):
            raise ValueError(
                f"`bandwidth` must be a positive number, in units of the labels, got {bandwidth!r}. None lets Silverman's rule choose it."
            )

    def settings(self, adata: AnnData) -> dict[str, Any]:
        """The bandwidth, which belongs to the model: it is that of the training data wherever else the model goes."""
        if self.bandwidth is not None:
            return {}
        return {"bandwidth": silverman_bandwidth(np.unique(adata.obs[self.obs_keys[0]].to_numpy(float)))}

    def check(self, adata: AnnData, min_groups: int) -> None:
        """Raise a clear error if labels are missing, not numbers or all the same."""
        key = self.obs_keys[0]
        if key not in adata.obs:
            raise KeyError(f"`group_key`: {key!r} is not a column of `.obs`. {near_matches(key, adata.obs.columns)}")
        labels = adata.obs[key]
        if not pd.api.types.is_numeric_dtype(labels) or pd.api.types.is_bool_dtype(labels):
            raise ValueError(
                f"`group_key`: continuous labels must be numbers, and `.obs[{key!r}]` is of type {labels.dtype}. Convert it with "
                f"`.astype(float)`, or use `group_kind='discrete'`."
            )
        is_bad = ~np.isfinite(labels.to_numpy(float, na_value=np.nan))
        if is_bad.any():
            raise ValueError(
                f"`group_key`: {is_bad.sum()} of {len(labels)} units have no finite value in `.obs[{key!r}]`. "
                f"Drop them with `adata = adata[np.isfinite(adata.obs[{key!r}])].copy()`."
            )
        if labels.nunique() < min_groups:
            raise ValueError(
                f"`group_key`: all labels in `.obs[{key!r}]` are {labels.iloc[0]}, and at least 2 values are needed. Choose another column."
            )

    def field(self) -> NumericalObsField:
        """A numeric field."""
        return NumericalObsField(REGISTRY_KEYS.SAMPLE_KEY, self.obs_keys[0])

    def prior(
        self, manager: AnnDataManager, rows: np.ndarray | None = None, wanted: Sequence[Any] | None = None
    ) -> LabelPrior:
        """The kernel weights of the units at each label; ``wanted`` may be any values within the range of the data."""
        labels = self._labels(manager)
        rows = np.arange(len(labels)) if rows is None else rows
        if wanted is None:
            at = _thinned(labels)
            sizes = np.bincount(_nearest(at, labels[rows]), minlength=len(at))
        else:
            at, sizes = np.array([float(self.name(value)) for value in wanted]), None
        weights = self._kernel(labels, at, rows)
        is_far = np.diff(weights.indptr) == 0
        if wanted is not None and is_far.any():
            raise ValueError(
                f"`groups`: no unit has a label near {at[is_far][0]:g}, that is, within {REACH:.1f} bandwidths of {self.bandwidth:.4g}. "
                f"Labels of the data go from {labels.min():g} to {labels.max():g}; ask for one among them, or set a wider `bandwidth` up."
            )
        return WeightedRows(weights, [self.name(y) for y in at], sizes=sizes)

    def codes(self, manager: AnnDataManager) -> np.ndarray:
        """The nearest label of each unit."""
        labels = self._labels(manager)
        return _nearest(_thinned(labels), labels)

    def columns(self, obs: pd.DataFrame, prior: LabelPrior, codes: Sequence[int]) -> pd.DataFrame:
        """The labels as numbers."""
        return pd.DataFrame({self.obs_keys[0]: [float(prior.names[code]) for code in codes]})

    def name(self, label: Any) -> str:
        """The number, as Python writes it."""
        try:
            return str(float(label))
        except (TypeError, ValueError):
            raise ValueError(f"`groups`: labels of this model are numbers, got {label!r}.") from None

    def describe(self) -> dict[str, Any]:
        """What a result says about its labels."""
        return super().describe() | {"group_key": list(self.obs_keys), "bandwidth": self.bandwidth}

    def split(
        self, manager: AnnDataManager, validation: Literal["cells", "groups"], validation_size: float, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """A share of the units of all labels together, since a label may have a single unit, or of the labels."""
        codes = self.codes(manager)
        return split_units(codes if validation == "groups" else np.zeros_like(codes), validation, validation_size, seed)

    def _labels(self, manager: AnnDataManager) -> np.ndarray:
        return np.asarray(self._values(manager), dtype=float).ravel()

    def _kernel(self, labels: np.ndarray, at: np.ndarray, rows: np.ndarray) -> sp.csc_matrix:
        """Weights of these rows, units × labels, as far as the kernel reaches."""
        h = float(self.bandwidth or 0)
        order = rows[np.argsort(labels[rows], kind="stable")]
        ascending = labels[order]
        starts = np.searchsorted(ascending, at - REACH * h)
        stops = np.searchsorted(ascending, at + REACH * h, side="right")
        windows = [slice(start, stop) for start, stop in zip(starts, stops, strict=True)]
        weights = np.concatenate(
            [
                np.exp(-0.5 * ((ascending[window] - y) / h) ** 2).astype(np.float32)
                for window, y in zip(windows, at, strict=True)
            ]
        )
        indices = np.concatenate([order[window] for window in windows])
        return sp.csc_matrix((weights, indices, np.cumsum([0, *(stops - starts)])), (len(labels), len(at)))


def _thinned(labels: np.ndarray) -> np.ndarray:
    distinct = np.unique(labels)
    return distinct[np.unique(np.linspace(0, len(distinct) - 1, min(MAX_LABELS, len(distinct))).round().astype(int))]


def _nearest(at: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.searchsorted((at[1:] + at[:-1]) / 2, labels)
