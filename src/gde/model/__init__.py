"""The model."""

from gde.model.gde_model import GDEModel

__all__ = ["GDEModel"]
