"""What an embedding tells."""

from gde.stats.distance_agreement import DistanceAgreement, distance_agreement
from gde.stats.embedding_range import EmbeddingRange

__all__ = ["DistanceAgreement", "EmbeddingRange", "distance_agreement"]
