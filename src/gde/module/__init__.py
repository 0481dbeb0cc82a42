"""The module that scvi-tools trains."""

from gde.module.gde_module import GDEModule
from gde.module.isometry_loss import isometry_loss
from gde.module.label_head import LabelHead
from gde.module.set_training_plan import SetTrainingPlan

__all__ = ["GDEModule", "LabelHead", "SetTrainingPlan", "isometry_loss"]
