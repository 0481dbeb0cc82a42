"""A set of units becomes an embedding."""

from gde.encoders.attention import Attention
from gde.encoders.deep_sets import DeepSets
from gde.encoders.embed_chunks import embed_chunks
from gde.encoders.embedding_head import embedding_head
from gde.encoders.fixed_encoder import FixedEncoder
from gde.encoders.framed import Framed
from gde.encoders.kernel_mean import KernelMean
from gde.encoders.median import Median
from gde.encoders.moments import Moments
from gde.encoders.pool_chunks import pool_chunks
from gde.encoders.pooled_mean import PooledMean
from gde.encoders.resnet import ResNet
from gde.encoders.set_encoder import SetEncoder

__all__ = [
    "Attention",
    "DeepSets",
    "FixedEncoder",
    "Framed",
    "KernelMean",
    "Median",
    "Moments",
    "PooledMean",
    "ResNet",
    "SetEncoder",
    "embed_chunks",
    "embedding_head",
    "pool_chunks",
]
