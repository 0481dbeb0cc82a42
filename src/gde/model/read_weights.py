"""The weights of a saved model."""

import safetensors.torch
from torch import Tensor

from gde.model.model_folder import ModelFolder

WEIGHTS = "weights.safetensors"


def read_weights(folder: ModelFolder) -> dict[str, Tensor]:
    """Weights and constants of a saved model's module by name, on the CPU, checked.

    Parameters
    ----------
    folder
        Where it was saved.
    """
    return safetensors.torch.load(folder.read_bytes(WEIGHTS))
