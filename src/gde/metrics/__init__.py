"""How good embeddings and generated units are."""

from gde.metrics.bures_squared import bures_squared
from gde.metrics.c2st import c2st
from gde.metrics.displacement import displacement
from gde.metrics.energy_distance import energy_distance
from gde.metrics.gaussian_w2 import gaussian_w2
from gde.metrics.gene_agreement import gene_agreement
from gde.metrics.geodesic_deviation import geodesic_deviation
from gde.metrics.rank_score import rank_score
from gde.metrics.replicate_robustness import replicate_robustness

__all__ = [
    "bures_squared",
    "c2st",
    "displacement",
    "energy_distance",
    "gaussian_w2",
    "gene_agreement",
    "geodesic_deviation",
    "rank_score",
    "replicate_robustness",
]
