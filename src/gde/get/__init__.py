"""Results as scverse data structures."""

from gde.get.group_adata import group_adata

__all__ = ["group_adata"]
