"""A set of units becomes an embedding."""

from gde.encoders.deep_sets import DeepSets
from gde.encoders.embed_chunks import embed_chunks
from gde.encoders.pooled_mean import PooledMean
from gde.encoders.set_encoder import SetEncoder

__all__ = ["DeepSets", "PooledMean", "SetEncoder", "embed_chunks"]
