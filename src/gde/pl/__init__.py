"""Plots that scanpy lacks."""

from gde.pl.embedding import embedding
from gde.pl.generated import generated
from gde.pl.motif_changes import motif_changes
from gde.pl.mutations import mutations

__all__ = ["embedding", "generated", "motif_changes", "mutations"]
