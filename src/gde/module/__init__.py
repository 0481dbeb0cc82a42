"""The module that scvi-tools trains."""

from gde.module.gde_module import GDEModule
from gde.module.isometry_loss import isometry_loss
from gde.module.set_training_plan import SetTrainingPlan

__all__ = ["GDEModule", "SetTrainingPlan", "isometry_loss"]
