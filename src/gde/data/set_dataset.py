"""From the rows of sets to their tensors."""

import warnings
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from torch.utils.data import Dataset

from gde.data.device_rows import DeviceRows
from gde.data.disk_rows import DiskRows
from gde.data.set_index import SetIndex


class SetDataset(Dataset):
    """scvi-tools' torch dataset, indexed by sets.

    Rows are asked for once each and in ascending order, which is what backed files need, and put back into the order of the sets. Sparse
    rows stay sparse (CSR).

    Parameters
    ----------
    manager
        Manager of a registered AnnData.
    keys
        Registry keys of the fields to read; None: all.
    unit_labels
        Label of each unit's group, NaN where it is not known or not to be seen, shape (n_units,); None: there are none.
    on_device
        The units, where the device that trains has them; None: they are read from where they were registered.

    See Also
    --------
    SetSampler, ChunkSampler : what yields the indices.
    """

    def __init__(
        self,
        manager: AnnDataManager,
        keys: list[str] | None = None,
        unit_labels: np.ndarray | None = None,
        on_device: DeviceRows | None = None,
    ):
        with warnings.catch_warnings():  # torch says once a process that its CSR tensors are new: no news to users
            warnings.simplefilter("ignore")
            torch.sparse_csr_tensor(torch.tensor([0, 0]), torch.tensor([], dtype=torch.long), torch.tensor([]), (1, 1))
        keys = list(manager.data_registry) if keys is None else keys
        units = manager.get_from_registry(REGISTRY_KEYS.X_KEY) if REGISTRY_KEYS.X_KEY in keys else None
        self._on_device = on_device
        self._on_disk = (
            DiskRows(units) if on_device is None and units is not None and DiskRows.is_needed(units) else None
        )
        if self._on_device is not None or self._on_disk is not None:
            keys = [key for key in keys if key != REGISTRY_KEYS.X_KEY]
        self._n_units = manager.adata.n_obs
        self._data = manager.create_torch_dataset(data_and_attributes=keys, load_sparse_tensor=True) if keys else None
        self._unit_labels = None if unit_labels is None else unit_labels.astype(np.float32)

    def __len__(self) -> int:
        return self._n_units

    def __getitem__(self, index: SetIndex) -> dict[str, Any]:
        """Tensors of the registered fields, with a row per unit, and the sets.

        Returns
        -------
        The fields of the registry, and ``set_of_unit`` (n_units,), ``weight`` (n_units,), ``label`` (n_sets,), and the arrays
        ``set_seeds`` and ``set_sizes``, which stay on the host; the numbers ``share`` and ``n_units_of_batch``, see :class:`SetIndex`; and
        ``unit_label`` (n_units,), if there are labels.
        """
        unique, position = _distinct(index.rows)
        fields = {} if self._data is None else self._data[unique]
        if self._on_disk is not None:
            fields[REGISTRY_KEYS.X_KEY] = _tensor(self._on_disk[unique])
        tensors: dict[str, Any] = {key: _take(value, position) for key, value in fields.items()}
        if self._on_device is not None:
            tensors[REGISTRY_KEYS.X_KEY] = self._on_device[index.rows]
        if self._unit_labels is not None:
            tensors["unit_label"] = torch.from_numpy(self._unit_labels[index.rows])
        return tensors | {
            "set_of_unit": torch.from_numpy(index.set_of_unit),
            "weight": torch.from_numpy(index.weight),
            "label": torch.from_numpy(index.label),
            "set_seeds": index.seeds,
            "set_sizes": index.sizes,
            "share": index.share,
            "n_units_of_batch": index.n_units_of_batch or len(index.rows),
        }


def _tensor(values: np.ndarray | sp.csr_matrix) -> np.ndarray | torch.Tensor:
    """Units in scvi-tools' precision, sparse ones as a CSR tensor."""
    values = values.astype(np.float32)
    if isinstance(values, np.ndarray):
        return values
    indptr, indices, data = (torch.from_numpy(part) for part in (values.indptr, values.indices, values.data))
    return torch.sparse_csr_tensor(indptr, indices, data, values.shape)


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Each row once, ascending, and where the rows are among them; None if they are these, as in a pass over all units."""
    if np.all(np.diff(rows) > 0):
        return rows, None
    return np.unique(rows, return_inverse=True)


def _take(values: np.ndarray | torch.Tensor, position: np.ndarray | None) -> torch.Tensor:
    """Rows of an array or a CSR tensor; None: all."""
    if isinstance(values, np.ndarray):
        return torch.from_numpy(values if position is None else values[position])
    values = values.to_sparse_csr()  # CSC if the AnnData holds that
    if position is None:
        return values
    parts = (values.values().numpy(), values.col_indices().numpy(), values.crow_indices().numpy())
    rows = sp.csr_matrix(parts, shape=values.shape)[position]
    return torch.sparse_csr_tensor(
        torch.from_numpy(rows.indptr), torch.from_numpy(rows.indices), torch.from_numpy(rows.data), rows.shape
    )
