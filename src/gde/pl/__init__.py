"""Plots that scanpy lacks."""

from gde.pl.embedding import embedding
from gde.pl.generated import generated

__all__ = ["embedding", "generated"]
