"""How good embeddings and generated units are."""

from gde.metrics.c2st import c2st
from gde.metrics.energy_distance import energy_distance
from gde.metrics.gene_agreement import gene_agreement
from gde.metrics.rank_score import rank_score
from gde.metrics.replicate_robustness import replicate_robustness

__all__ = ["c2st", "energy_distance", "gene_agreement", "rank_score", "replicate_robustness"]
