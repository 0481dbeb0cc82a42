"""Tools that take a model."""

from gde.tl.evaluate import evaluate

__all__ = ["evaluate"]
