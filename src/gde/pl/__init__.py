"""Plots that scanpy lacks."""

from gde.pl.embedding import embedding
from gde.pl.generated import generated
from gde.pl.images import images
from gde.pl.motif_changes import motif_changes
from gde.pl.mutations import mutations
from gde.pl.sequence_logo import sequence_logo

__all__ = ["embedding", "generated", "images", "motif_changes", "mutations", "sequence_logo"]
