"""Building blocks that encoders, generators and observations share."""

from gde.nn.causal_block import CausalBlock
from gde.nn.conditional_network import ConditionalNetwork
from gde.nn.context import Context
from gde.nn.covariate_effect import CovariateEffect
from gde.nn.covariate_sizes import CovariateSizes
from gde.nn.covariates import Covariates
from gde.nn.csr_rows import csr_rows
from gde.nn.csr_sums import csr_sums
from gde.nn.image_decoder import ImageDecoder
from gde.nn.image_encoder import ImageEncoder
from gde.nn.into_ball import IntoBall
from gde.nn.load_pretrained import load_pretrained
from gde.nn.matrix_root import matrix_root
from gde.nn.mlp import MLP
from gde.nn.pad_sets import pad_sets
from gde.nn.recorded import Recorded
from gde.nn.residual_block import ResidualBlock
from gde.nn.residual_convolution import ResidualConvolution
from gde.nn.rows_of_sets import rows_of_sets
from gde.nn.segment_mean import segment_mean
from gde.nn.set_batch import Scoring, SetBatch
from gde.nn.set_noise import SetNoise
from gde.nn.sinkhorn import sinkhorn
from gde.nn.sliced_wasserstein import sliced_wasserstein
from gde.nn.sparse_linear import SparseLinear
from gde.nn.time_embedding import TimeEmbedding
from gde.nn.unet_field import UNetField
from gde.nn.unit_autoencoder import UnitAutoencoder
from gde.nn.vector_field import VectorField

__all__ = [
    "MLP",
    "CausalBlock",
    "ConditionalNetwork",
    "Context",
    "CovariateEffect",
    "CovariateSizes",
    "Covariates",
    "ImageDecoder",
    "ImageEncoder",
    "IntoBall",
    "Recorded",
    "ResidualBlock",
    "ResidualConvolution",
    "Scoring",
    "SetBatch",
    "SetNoise",
    "SparseLinear",
    "TimeEmbedding",
    "UNetField",
    "UnitAutoencoder",
    "VectorField",
    "csr_rows",
    "csr_sums",
    "load_pretrained",
    "matrix_root",
    "pad_sets",
    "rows_of_sets",
    "segment_mean",
    "sinkhorn",
    "sliced_wasserstein",
]
