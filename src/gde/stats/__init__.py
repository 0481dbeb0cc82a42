"""What an embedding tells: regions, tests, numbers of units and groups. numpy and scipy only."""

from gde.stats.confidence_region import ConfidenceRegion, confidence_region
from gde.stats.required_groups import required_groups
from gde.stats.two_class_test import ClassTest, two_class_test
from gde.stats.two_group_test import GroupTest, two_group_test

__all__ = [
    "ClassTest",
    "ConfidenceRegion",
    "GroupTest",
    "confidence_region",
    "required_groups",
    "two_class_test",
    "two_group_test",
]
