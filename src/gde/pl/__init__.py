"""Plots that scanpy lacks."""

from gde.pl.distances import distances
from gde.pl.embedding import embedding
from gde.pl.generated import generated
from gde.pl.geometry import geometry
from gde.pl.images import images
from gde.pl.influence import influence
from gde.pl.motif_changes import motif_changes
from gde.pl.mutations import mutations
from gde.pl.path import path
from gde.pl.report import report
from gde.pl.sequence_logo import sequence_logo
from gde.pl.training import training

__all__ = [
    "distances",
    "embedding",
    "generated",
    "geometry",
    "images",
    "influence",
    "motif_changes",
    "mutations",
    "path",
    "report",
    "sequence_logo",
    "training",
]
