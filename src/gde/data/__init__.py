"""Which units make a set."""

from gde.data.align_genes import align_genes as align_genes
from gde.data.alphabet import Alphabet
from gde.data.alphabet import UnknownLetters as UnknownLetters
from gde.data.check_anndata import check_anndata as check_anndata
from gde.data.check_integer import check_integer as check_integer
from gde.data.check_keys import check_keys as check_keys
from gde.data.check_labels import check_labels as check_labels
from gde.data.check_number import check_number as check_number
from gde.data.check_obs import check_obs as check_obs
from gde.data.check_setup import check_setup as check_setup
from gde.data.check_values import check_values as check_values
from gde.data.chunk_sampler import ChunkSampler as ChunkSampler
from gde.data.continuous_labels import ContinuousLabels
from gde.data.dealt_sets import DealtSets
from gde.data.device_rows import DeviceRows as DeviceRows
from gde.data.discrete_labels import SORTED_BY as SORTED_BY
from gde.data.discrete_labels import DiscreteLabels
from gde.data.disk_rows import DiskRows
from gde.data.group_field import GroupField as GroupField
from gde.data.group_labels import group_labels as group_labels
from gde.data.group_matrix import group_matrix as group_matrix
from gde.data.group_matrix_field import GroupMatrixField as GroupMatrixField
from gde.data.group_posterior import group_posterior
from gde.data.group_rows import GroupRows
from gde.data.hash_data import hash_data
from gde.data.hold_out_labels import hold_out_labels
from gde.data.image_field import ImageField as ImageField
from gde.data.image_units import ImageUnits
from gde.data.is_image import is_image as is_image
from gde.data.joint_units import JointUnits
from gde.data.label_field import LabelField as LabelField
from gde.data.label_of_units import label_of_units
from gde.data.label_prior import LabelPrior
from gde.data.labels import GroupKind as GroupKind
from gde.data.labels import Labels
from gde.data.load_annotation import load_annotation as load_annotation
from gde.data.make_given_units import make_given_units as make_given_units
from gde.data.make_labels import make_labels as make_labels
from gde.data.make_units import make_units as make_units
from gde.data.matrix_units import MatrixUnits
from gde.data.near_matches import near_matches as near_matches
from gde.data.noisy_labels import GroupObsmKind as GroupObsmKind
from gde.data.noisy_labels import NoisyLabels
from gde.data.sequence_field import SequenceField as SequenceField
from gde.data.sequence_units import SequenceUnits
from gde.data.set_data_module import SetDataModule as SetDataModule
from gde.data.set_dataset import SetDataset
from gde.data.set_index import SetIndex
from gde.data.set_sampler import SetSampler
from gde.data.silverman_bandwidth import silverman_bandwidth
from gde.data.split_units import split_units as split_units
from gde.data.unit_matrix import unit_matrix as unit_matrix
from gde.data.unit_spec import Likelihood as Likelihood
from gde.data.unit_spec import ObservationName as ObservationName
from gde.data.unit_spec import UnitSpec
from gde.data.units import Units
from gde.data.weighted_rows import WeightedRows

# What extensions need, and docs/api.md documents; what is imported "as" itself is for the other packages of gde alone.
__all__ = [
    "Alphabet",
    "ContinuousLabels",
    "DealtSets",
    "DiscreteLabels",
    "DiskRows",
    "GroupRows",
    "ImageUnits",
    "JointUnits",
    "LabelPrior",
    "Labels",
    "MatrixUnits",
    "NoisyLabels",
    "SequenceUnits",
    "SetDataset",
    "SetIndex",
    "SetSampler",
    "UnitSpec",
    "Units",
    "WeightedRows",
    "group_posterior",
    "hash_data",
    "hold_out_labels",
    "label_of_units",
    "silverman_bandwidth",
]
