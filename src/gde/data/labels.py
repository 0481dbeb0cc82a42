"""What a kind of label must know."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from scvi.data.fields import BaseAnnDataField

from gde.data.label_prior import LabelPrior
from gde.data.split_units import split_units

GroupKind = Literal["discrete", "continuous", "noisy"]


class Labels(ABC):
    """A kind of label: where labels are in an AnnData, which are refused, and what label prior they give.

    Attributes
    ----------
    kind
        Its name in ``setup_anndata``.
    group_keys
        Columns of ``.obs`` whose levels part the units into groups; none if units belong to several labels.
    obs_keys, obsm_keys
        What it reads from ``.obs`` and ``.obsm``.
    """

    kind: ClassVar[GroupKind]
    group_keys: Sequence[str] = ()
    obs_keys: Sequence[str] = ()
    obsm_keys: Sequence[str] = ()

    @abstractmethod
    def check(self, adata: AnnData, min_groups: int) -> None:
        """Raise a clear error if the labels of an AnnData cannot be used, where :func:`check_obs` does not know it already."""

    def settings(self, adata: AnnData) -> dict[str, Any]:
        """Arguments of ``setup_anndata`` that were left to the data."""
        return {}

    @abstractmethod
    def field(self) -> BaseAnnDataField:
        """The field that registers the labels under scvi-tools' key for samples."""

    @abstractmethod
    def prior(
        self, manager: AnnDataManager, rows: np.ndarray | None = None, wanted: Sequence[Any] | None = None
    ) -> LabelPrior:
        """The labels of a registered AnnData and their units.

        Parameters
        ----------
        manager
            Manager of the AnnData.
        rows
            The units to consider; None: all of them.
        wanted
            The labels to consider; None: all of them.

        Raises
        ------
        KeyError, ValueError
            If a label that is wanted is not there.
        """

    @abstractmethod
    def codes(self, manager: AnnDataManager) -> np.ndarray:
        """Code of the one label that says most about each unit, shape (n_units,)."""

    def are_current(self, manager: AnnDataManager) -> bool:
        """Whether the AnnData still has the labels that were registered."""
        return True

    @abstractmethod
    def columns(self, obs: pd.DataFrame, prior: LabelPrior, codes: Sequence[int]) -> pd.DataFrame:
        """Columns of ``.obs`` that say the label of new units, a row for each of ``codes``."""

    def name(self, label: Any) -> str:
        """Name of a label as users may give it."""
        return str(label)

    def describe(self) -> dict[str, Any]:
        """What a result says about its labels."""
        return {"group_kind": self.kind}

    def split(
        self, manager: AnnDataManager, validation: Literal["cells", "groups"], validation_size: float, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows of training and of validation; see :func:`split_units`."""
        return split_units(self.codes(manager), validation, validation_size, seed)

    def _values(self, manager: AnnDataManager) -> Any:
        return manager.get_from_registry(REGISTRY_KEYS.SAMPLE_KEY)
