"""A set of units becomes an embedding."""

from gde.encoders.attention import Attention
from gde.encoders.covariance_of_mean import covariance_of_mean
from gde.encoders.deep_sets import DeepSets
from gde.encoders.embed_chunks import embed_chunks
from gde.encoders.embed_moments import embed_moments
from gde.encoders.embed_with_covariance import embed_with_covariance
from gde.encoders.embedding_head import embedding_head
from gde.encoders.fixed_encoder import FixedEncoder
from gde.encoders.framed import Framed
from gde.encoders.head_derivatives import head_derivatives
from gde.encoders.kernel_mean import KernelMean
from gde.encoders.median import Median
from gde.encoders.moments import Moments
from gde.encoders.of_standardised import OfStandardised
from gde.encoders.pool_chunks import pool_chunks
from gde.encoders.pool_covariance import pool_covariance
from gde.encoders.pooled_covariance import PooledCovariance
from gde.encoders.pooled_mean import PooledMean
from gde.encoders.resnet import ResNet
from gde.encoders.set_encoder import SetEncoder
from gde.encoders.total_derivatives import total_derivatives
from gde.encoders.unit_influence import unit_influence
from gde.encoders.with_moments import WithMoments

__all__ = [
    "Attention",
    "DeepSets",
    "FixedEncoder",
    "Framed",
    "KernelMean",
    "Median",
    "Moments",
    "OfStandardised",
    "PooledCovariance",
    "PooledMean",
    "ResNet",
    "SetEncoder",
    "WithMoments",
    "covariance_of_mean",
    "embed_chunks",
    "embed_moments",
    "embed_with_covariance",
    "embedding_head",
    "head_derivatives",
    "pool_chunks",
    "pool_covariance",
    "total_derivatives",
    "unit_influence",
]
