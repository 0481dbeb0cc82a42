"""The units of groups as an encoder reads them, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from scvi.data import AnnDataManager
from scvi.utils import track

from gde.data import ChunkSampler, GroupRows, LabelPrior, SetDataset, check_integer
from gde.module import GDEModule
from gde.nn import Covariates, SetBatch

N_CHUNKS_WORTH_A_BAR = 20


class GroupChunks:
    """All units of all groups, as often as the object is called.

    Each unit is read and featurised once a pass, and then goes to all its groups.

    Parameters
    ----------
    module
        The trained module, which featurises; put into evaluation mode.
    manager
        Manager of the AnnData.
    prior
        The groups and their units; set s of a chunk is the group at position s of ``prior.codes``.
    observed
        Which genes were measured; None: all.
    batch_size
        Number of units in a chunk.
    covariates
        Codes (n_units, n_categorical) and values (n_units, n_continuous) of all units of the AnnData, if the encoder gets them.
    """

    def __init__(
        self,
        module: GDEModule,
        manager: AnnDataManager,
        prior: LabelPrior,
        observed: np.ndarray | None = None,
        batch_size: int = 4096,
        covariates: tuple[np.ndarray, np.ndarray] | None = None,
    ):
        self._module = module.eval()
        self._prior = prior
        self._batch_size = check_integer("batch_size", batch_size, 1)
        self._covariates = covariates
        self._dataset = SetDataset(manager, module.encoded.keys)
        groups = GroupRows(np.zeros(len(self._dataset), dtype=int), prior.rows)
        self._sampler = ChunkSampler(groups, batch_size=self._batch_size)
        self._mask = None if observed is None else torch.from_numpy(observed).to(module.device)

    def __call__(self) -> Iterator[SetBatch]:
        """The chunks of one pass."""
        return (batch for _, batch in self.with_rows())

    def with_rows(self) -> Iterator[tuple[np.ndarray, SetBatch]]:
        """The chunks of one pass, each with the row of each of its units."""
        device, encoded, n_groups = self._module.device, self._module.encoded, len(self._prior)
        is_short = len(self._sampler) < N_CHUNKS_WORTH_A_BAR
        for index in track(self._sampler, "Embedding groups...", disable=is_short):
            tensors = self._dataset[index]
            units = encoded.read({key: tensors[key].to(device) for key in encoded.keys})
            features = self._module.featurise(units, self._mask, self._covariates_of(index.rows))
            pairs = [torch.from_numpy(values).to(device) for values in self._prior.members(index.rows)]
            for unit, group, weight in zip(*(values.split(self._batch_size) for values in pairs), strict=True):
                yield index.rows[unit.numpy(force=True)], SetBatch(features[unit], group, weight, n_groups)

    def _covariates_of(self, rows: np.ndarray) -> Covariates | None:
        if self._covariates is None:
            return None
        return self._module.standardised_covariates(*(torch.from_numpy(table[rows]) for table in self._covariates))
