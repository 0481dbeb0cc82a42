"""Tools that take a model."""

from gde.tl.contrast_genes import contrast_genes
from gde.tl.evaluate import evaluate

__all__ = ["contrast_genes", "evaluate"]
