"""Data before a model sees them."""

from gde.pp.sort_by_group import sort_by_group

__all__ = ["sort_by_group"]
