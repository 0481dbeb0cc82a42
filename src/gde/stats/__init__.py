"""What an embedding tells, and how sure it is. numpy and scipy only."""

from gde.stats.combine_parts import combine_parts
from gde.stats.composition_and_state import CompositionAndState, composition_and_state
from gde.stats.confidence_region import ConfidenceRegion, confidence_region
from gde.stats.corrected_distances import corrected_distances
from gde.stats.distance_agreement import DistanceAgreement, distance_agreement
from gde.stats.distances_by_halves import distances_by_halves
from gde.stats.embedding_range import EmbeddingRange
from gde.stats.group_summary import GroupSummary
from gde.stats.required_groups import required_groups
from gde.stats.two_class_test import ClassTest, two_class_test
from gde.stats.two_group_test import GroupTest, two_group_test

__all__ = [
    "ClassTest",
    "CompositionAndState",
    "ConfidenceRegion",
    "DistanceAgreement",
    "EmbeddingRange",
    "GroupSummary",
    "GroupTest",
    "combine_parts",
    "composition_and_state",
    "confidence_region",
    "corrected_distances",
    "distance_agreement",
    "distances_by_halves",
    "required_groups",
    "two_class_test",
    "two_group_test",
]
