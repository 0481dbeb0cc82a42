"""Results as scverse data structures."""

from gde.get.group_adata import group_adata
from gde.get.nested_groups import NestedGroups, nested_groups

__all__ = ["NestedGroups", "group_adata", "nested_groups"]
