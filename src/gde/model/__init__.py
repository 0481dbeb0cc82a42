"""The model."""

from gde.model.gde_model import GDEModel
from gde.model.geometry_certificate import GeometryCertificate
from gde.model.save_checkpoint import SaveCheckpoint

__all__ = ["GDEModel", "GeometryCertificate", "SaveCheckpoint"]
