"""Which units make a set."""

from gde.data.align_genes import align_genes
from gde.data.alphabet import Alphabet, UnknownLetters
from gde.data.built_field import BuiltField
from gde.data.check_anndata import check_anndata
from gde.data.check_integer import check_integer
from gde.data.check_keys import check_keys
from gde.data.check_labels import check_labels
from gde.data.check_number import check_number
from gde.data.check_obs import check_obs
from gde.data.check_setup import check_setup
from gde.data.check_values import check_values
from gde.data.chunk_sampler import ChunkSampler
from gde.data.continuous_labels import ContinuousLabels
from gde.data.dealt_sets import DealtSets
from gde.data.device_rows import DeviceRows
from gde.data.discrete_labels import SORTED_BY, DiscreteLabels
from gde.data.disk_rows import DiskRows
from gde.data.group_field import GroupField
from gde.data.group_labels import group_labels
from gde.data.group_matrix import group_matrix
from gde.data.group_matrix_field import GroupMatrixField
from gde.data.group_posterior import group_posterior
from gde.data.group_rows import GroupRows
from gde.data.hash_data import hash_data
from gde.data.hold_out_labels import hold_out_labels
from gde.data.image_field import ImageField
from gde.data.image_units import ImageUnits
from gde.data.is_image import is_image
from gde.data.joint_units import JointUnits
from gde.data.label_field import LabelField
from gde.data.label_of_units import label_of_units
from gde.data.label_prior import LabelPrior
from gde.data.labels import GroupKind, Labels
from gde.data.load_annotation import load_annotation
from gde.data.make_given_units import make_given_units
from gde.data.make_labels import make_labels
from gde.data.make_units import make_units
from gde.data.matrix_units import MatrixUnits
from gde.data.near_matches import near_matches
from gde.data.noisy_labels import GroupObsmKind, NoisyLabels
from gde.data.sequence_field import SequenceField
from gde.data.sequence_units import SequenceUnits
from gde.data.set_data_module import SetDataModule
from gde.data.set_dataset import SetDataset
from gde.data.set_index import SetIndex
from gde.data.set_sampler import SetSampler
from gde.data.silverman_bandwidth import silverman_bandwidth
from gde.data.split_units import split_units
from gde.data.unit_matrix import unit_matrix
from gde.data.unit_spec import Likelihood, ObservationName, UnitSpec
from gde.data.units import Selection, Units
from gde.data.weighted_rows import WeightedRows

__all__ = [
    "Alphabet",
    "BuiltField",
    "SORTED_BY",
    "ChunkSampler",
    "ContinuousLabels",
    "DealtSets",
    "DeviceRows",
    "DiscreteLabels",
    "DiskRows",
    "GroupField",
    "GroupKind",
    "GroupMatrixField",
    "GroupObsmKind",
    "GroupRows",
    "ImageField",
    "ImageUnits",
    "JointUnits",
    "LabelField",
    "LabelPrior",
    "Labels",
    "Likelihood",
    "MatrixUnits",
    "NoisyLabels",
    "ObservationName",
    "Selection",
    "SequenceField",
    "SequenceUnits",
    "SetDataModule",
    "SetDataset",
    "SetIndex",
    "SetSampler",
    "UnknownLetters",
    "UnitSpec",
    "Units",
    "WeightedRows",
    "align_genes",
    "check_anndata",
    "check_integer",
    "check_keys",
    "check_labels",
    "check_number",
    "check_obs",
    "check_setup",
    "check_values",
    "group_labels",
    "group_matrix",
    "group_posterior",
    "is_image",
    "make_given_units",
    "load_annotation",
    "hash_data",
    "hold_out_labels",
    "label_of_units",
    "make_labels",
    "make_units",
    "near_matches",
    "silverman_bandwidth",
    "split_units",
    "unit_matrix",
]
