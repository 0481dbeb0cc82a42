"""The model."""

from gde.model.gde_model import GDEModel
from gde.model.geometry_certificate import GeometryCertificate

__all__ = ["GDEModel", "GeometryCertificate"]
