"""What an embedding tells, and how sure it is."""

from gde.stats.corrected_distances import corrected_distances
from gde.stats.group_summary import GroupSummary

__all__ = ["GroupSummary", "corrected_distances"]
