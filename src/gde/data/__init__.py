"""Which units make a set."""

from gde.data.check_obs import check_obs
from gde.data.check_setup import check_setup
from gde.data.check_values import check_values
from gde.data.chunk_sampler import ChunkSampler
from gde.data.group_field import GroupField
from gde.data.group_labels import group_labels
from gde.data.group_rows import GroupRows
from gde.data.near_matches import near_matches
from gde.data.set_data_module import SetDataModule
from gde.data.set_dataset import SetDataset
from gde.data.set_index import SetIndex
from gde.data.set_sampler import SetSampler
from gde.data.split_units import split_units
from gde.data.unit_matrix import unit_matrix

__all__ = [
    "ChunkSampler",
    "GroupField",
    "GroupRows",
    "SetDataModule",
    "SetDataset",
    "SetIndex",
    "SetSampler",
    "check_obs",
    "check_setup",
    "check_values",
    "group_labels",
    "near_matches",
    "split_units",
    "unit_matrix",
]
