"""How good embeddings and generated units are."""

from gde.metrics.batch_removal import batch_removal
from gde.metrics.bures_squared import bures_squared
from gde.metrics.by_group import by_group
from gde.metrics.c2st import c2st
from gde.metrics.de_direction import de_direction
from gde.metrics.de_overlap import de_overlap
from gde.metrics.differential_expression import differential_expression
from gde.metrics.diffusion_pseudotime import diffusion_pseudotime
from gde.metrics.discrimination_score import discrimination_score
from gde.metrics.displacement import displacement
from gde.metrics.energy_distance import energy_distance
from gde.metrics.floor_of_halves import floor_of_halves
from gde.metrics.gaussian_w2 import gaussian_w2
from gde.metrics.gene_agreement import gene_agreement
from gde.metrics.geodesic_deviation import geodesic_deviation
from gde.metrics.information_retention import information_retention
from gde.metrics.kmer_counts import kmer_counts
from gde.metrics.kmer_spectrum_correlation import kmer_spectrum_correlation
from gde.metrics.logistic_probe import logistic_probe
from gde.metrics.mean_shift_mse import mean_shift_mse
from gde.metrics.mean_shift_r2 import mean_shift_r2
from gde.metrics.membership_auc import membership_auc
from gde.metrics.mmd import mmd
from gde.metrics.motif_counts import motif_counts
from gde.metrics.mutation_frequencies import mutation_frequencies
from gde.metrics.mutual_information import MutualInformation, mutual_information
from gde.metrics.nearest_sequence_distance import nearest_sequence_distance
from gde.metrics.pearson_delta import pearson_delta
from gde.metrics.perturbation_baselines import perturbation_baselines
from gde.metrics.perturbation_scores import perturbation_scores
from gde.metrics.prdc import prdc
from gde.metrics.rank_score import rank_score
from gde.metrics.read_jaspar import read_jaspar
from gde.metrics.replicate_robustness import replicate_robustness
from gde.metrics.retrieval import retrieval
from gde.metrics.score import Score
from gde.metrics.sequence_distances import sequence_distances
from gde.metrics.sequence_diversity import sequence_diversity
from gde.metrics.sliced_wasserstein import sliced_wasserstein
from gde.metrics.split_half_ceiling import split_half_ceiling
from gde.metrics.trajectory_preservation import trajectory_preservation
from gde.metrics.wasserstein import wasserstein

__all__ = [
    "MutualInformation",
    "Score",
    "batch_removal",
    "bures_squared",
    "by_group",
    "c2st",
    "de_direction",
    "de_overlap",
    "differential_expression",
    "diffusion_pseudotime",
    "discrimination_score",
    "displacement",
    "energy_distance",
    "floor_of_halves",
    "gaussian_w2",
    "gene_agreement",
    "geodesic_deviation",
    "kmer_counts",
    "kmer_spectrum_correlation",
    "motif_counts",
    "mutation_frequencies",
    "nearest_sequence_distance",
    "information_retention",
    "logistic_probe",
    "mean_shift_mse",
    "mean_shift_r2",
    "membership_auc",
    "mmd",
    "mutual_information",
    "pearson_delta",
    "perturbation_baselines",
    "perturbation_scores",
    "prdc",
    "rank_score",
    "read_jaspar",
    "replicate_robustness",
    "sequence_distances",
    "sequence_diversity",
    "retrieval",
    "sliced_wasserstein",
    "split_half_ceiling",
    "trajectory_preservation",
    "wasserstein",
]
