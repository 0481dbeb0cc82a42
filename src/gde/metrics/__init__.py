"""How good embeddings and generated units are."""

from gde.metrics.bures_squared import bures_squared
from gde.metrics.c2st import c2st
from gde.metrics.displacement import displacement
from gde.metrics.energy_distance import energy_distance
from gde.metrics.gaussian_w2 import gaussian_w2
from gde.metrics.gene_agreement import gene_agreement
from gde.metrics.geodesic_deviation import geodesic_deviation
from gde.metrics.kmer_counts import kmer_counts
from gde.metrics.kmer_spectrum_correlation import kmer_spectrum_correlation
from gde.metrics.motif_counts import motif_counts
from gde.metrics.mutation_frequencies import mutation_frequencies
from gde.metrics.nearest_sequence_distance import nearest_sequence_distance
from gde.metrics.rank_score import rank_score
from gde.metrics.read_jaspar import read_jaspar
from gde.metrics.replicate_robustness import replicate_robustness
from gde.metrics.sequence_distances import sequence_distances
from gde.metrics.sequence_diversity import sequence_diversity

__all__ = [
    "bures_squared",
    "c2st",
    "displacement",
    "energy_distance",
    "gaussian_w2",
    "gene_agreement",
    "geodesic_deviation",
    "kmer_counts",
    "kmer_spectrum_correlation",
    "motif_counts",
    "mutation_frequencies",
    "nearest_sequence_distance",
    "rank_score",
    "read_jaspar",
    "replicate_robustness",
    "sequence_distances",
    "sequence_diversity",
]
