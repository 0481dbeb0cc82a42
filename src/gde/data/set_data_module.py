"""What Lightning trains and validates on."""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import lightning.pytorch as pl
import numpy as np
import torch
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from torch.utils.data import DataLoader, Sampler

from gde.data.check_integer import check_integer
from gde.data.chunk_sampler import ChunkSampler
from gde.data.dealt_sets import DealtSets
from gde.data.device_rows import DeviceRows
from gde.data.disk_rows import DiskRows
from gde.data.group_rows import GroupRows
from gde.data.hold_out_labels import hold_out_labels
from gde.data.label_prior import LabelPrior
from gde.data.labels import Labels
from gde.data.set_dataset import SetDataset
from gde.data.set_index import SetIndex
from gde.data.set_sampler import SetSampler


class SetDataModule(pl.LightningDataModule):
    """Loaders of sets for training and validation.

    Parameters
    ----------
    manager
        Manager of a registered AnnData.
    labels
        The kind of its labels.
    validation, validation_size
        See :func:`split_units`.
    seed
        Seed of the split and of the sets.
    batch_size
        Number of units in a batch.
    group_prior
        How often labels are drawn: ``"uniform"``, by ``"size"``, or a weight for each label of the AnnData; those of groups that are held
        out do not count.
    **sampler_kwargs
        Passed to :class:`SetSampler`.

    Attributes
    ----------
    train_idx, val_idx
        Rows of training and of validation.
    train_labels, held_out_labels
        Labels of groups by their codes: those that training sees, and those that it does not. These are of the groups that are held out, or, where
        cells are, of a share ``validation_size`` of the labelled groups, which train encoder and generator all the same.
    names
        Names of the labels by their codes.
    n_batches
        Number of training batches in an epoch: as many as hold all training units, but at least 50, since an epoch ends in a validation,
        which should cost little beside it.
    """

    MIN_BATCHES = 50

    def __init__(
        self,
        manager: AnnDataManager,
        labels: Labels,
        *,
        validation: Literal["cells", "groups"] = "cells",
        validation_size: float = 0.1,
        batch_size: int = 1024,
        seed: int = 0,
        group_prior: Literal["uniform", "size"] | Sequence[float] = "uniform",
        **sampler_kwargs: Any,
    ):
        super().__init__()
        check_integer("batch_size", batch_size, 1)
        self.train_idx, self.val_idx = labels.split(manager, validation, validation_size, seed)
        self.n_train, self.n_val = len(self.train_idx), len(self.val_idx)
        self._seen, self._unseen = self._split_labels(manager, labels.codes(manager), validation, validation_size, seed)
        self._manager = manager
        self._on_device: DeviceRows | None = None
        self.n_batches = max(self.MIN_BATCHES, -(-self.n_train // batch_size))
        self._train, held_out = labels.prior(manager, self.train_idx), labels.prior(manager, self.val_idx)
        self.names = self._train.names
        if labels.group_keys and not self._train.in_runs:
            _warn_if_slow(manager)
        if not isinstance(group_prior, str):
            if np.shape(group_prior) != (len(self.names),):
                raise ValueError(
                    f"`group_prior` must be 'uniform', 'size' or {len(self.names)} weights, one per group."
                )
            group_prior = np.asarray(group_prior)[self._train.codes]
        self._train_sampler = SetSampler(
            self._train,
            group_prior=group_prior,
            batch_size=batch_size,
            n_batches=self.n_batches,
            seed=seed,
            **sampler_kwargs,
        )
        one_set = GroupRows(np.zeros(manager.adata.n_obs, dtype=int), self.train_idx)
        self._train_chunks = ChunkSampler(one_set, batch_size=batch_size)
        self._val_sets = _validation_sets(held_out, batch_size, self._train_sampler.set_size, seed)

    def _split_labels(
        self, manager: AnnDataManager, codes: np.ndarray, validation: str, share: float, seed: int
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Labels of units for training and for validation, NaN where there are none; None where there are none at all."""
        self.train_labels: dict[int, float] = {}
        self.held_out_labels: dict[int, float] = {}
        if REGISTRY_KEYS.LABELS_KEY not in manager.data_registry:
            return None, None
        values = np.ravel(manager.get_from_registry(REGISTRY_KEYS.LABELS_KEY)).astype(float)
        if validation == "groups":
            is_held_out = np.isin(np.arange(len(codes)), self.val_idx)
        else:
            are_classes = manager.get_state_registry(REGISTRY_KEYS.LABELS_KEY)["classes"] is not None
            is_held_out = hold_out_labels(codes, values, share, seed, are_classes=are_classes)
        seen, unseen = np.where(is_held_out, np.nan, values), np.where(is_held_out, values, np.nan)
        self.train_labels, self.held_out_labels = _of_groups(codes, seen), _of_groups(codes, unseen)
        return seen, unseen if self.held_out_labels else None

    def setup(self, stage: str) -> None:
        """Move the units to the device that trains, if it is a GPU with room for them."""
        assert self.trainer is not None  # it calls this
        device = self.trainer.strategy.root_device
        units = self._manager.get_from_registry(REGISTRY_KEYS.X_KEY) if REGISTRY_KEYS.X_KEY in self._keys() else None
        self._on_device = DeviceRows(units, device) if DeviceRows.fit(units, device) else None

    def release(self) -> None:
        """Give the device its memory back: the model keeps the trainer, and this keeps the loaders."""
        if self._on_device is not None:
            self._on_device.free()
            self._on_device = None

    def train_dataloader(self) -> DataLoader:
        """Random sets of the training units."""
        return self._loader(self._train_sampler, self._seen)

    def val_dataloader(self) -> DataLoader | list:
        """Held-out units in sets of their labels, the same each time; no loader if nothing is held out."""
        return self._loader(self._val_sets, self._unseen) if self.n_val else []

    def train_chunks(self) -> Iterator[dict[str, Any]]:
        """Every training unit once, with its ``members`` (unit, position of the label and weight of each pair) among ``n_labels`` labels."""
        dataset = SetDataset(self._manager, self._keys(), self._seen)
        for index in self._train_chunks:
            members = tuple(torch.from_numpy(values) for values in self._train.members(index.rows))
            yield dataset[index] | {"members": members, "n_labels": len(self._train)}

    def _keys(self) -> list[str]:
        labels = (REGISTRY_KEYS.SAMPLE_KEY, REGISTRY_KEYS.LABELS_KEY)
        return [key for key in self._manager.data_registry if key not in labels]

    def _loader(self, batches: Sampler[SetIndex] | list[SetIndex], unit_labels: np.ndarray | None) -> DataLoader:
        dataset = SetDataset(self._manager, self._keys(), unit_labels, self._on_device)
        if self.trainer is not None and self.trainer.world_size > 1:
            batches = DealtSets(batches, self.trainer.global_rank, self.trainer.world_size)
        # The dataset gives whole batches, whose seeds must not become tensors.
        return DataLoader(dataset, sampler=batches, batch_size=None, collate_fn=_as_it_is)


def _warn_if_slow(manager: AnnDataManager) -> None:
    """Say how to train faster from data that are not in memory."""
    if DiskRows.is_needed(manager.get_from_registry(REGISTRY_KEYS.X_KEY)):
        warnings.warn(
            "The units are read from disk and those of a group do not lie together, so each is a read of its own. Training is much faster from a "
            "store that `gde.pp.sort_by_group` writes, or from memory (`adata.to_memory()`).",
            UserWarning,
            stacklevel=4,
        )


def _of_groups(codes: np.ndarray, labels: np.ndarray) -> dict[int, float]:
    """Known labels of groups by their codes, ascending."""
    known = np.isfinite(labels)
    groups, first = np.unique(codes[known], return_index=True)
    return dict(zip(groups.tolist(), labels[known][first].tolist(), strict=True))


def _validation_sets(
    held_out: LabelPrior, batch_size: int, set_size: int, seed: int
) -> Sampler[SetIndex] | list[SetIndex]:
    """Every unit once, in sets of its group. Where labels share units, as many units, in sets that are drawn once for all."""
    if isinstance(held_out, GroupRows):
        return ChunkSampler(held_out, batch_size=batch_size, set_size=set_size, seed=seed)
    n_batches = -(-len(held_out.rows) // batch_size)
    return (
        list(SetSampler(held_out, batch_size=batch_size, set_size=set_size, n_batches=n_batches, seed=seed))
        if n_batches
        else []
    )


def _as_it_is(batch: Any) -> Any:
    return batch
