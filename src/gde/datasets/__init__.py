"""Public data sets, and simulated ones whose truth is known."""

from gde.datasets.datlinger import datlinger
from gde.datasets.larry import larry
from gde.datasets.pbmc68k_reduced import pbmc68k_reduced
from gde.datasets.simulate_cohort import simulate_cohort
from gde.datasets.simulate_multimodal import simulate_multimodal
from gde.datasets.yeast_promoters import yeast_promoters

__all__ = ["datlinger", "larry", "pbmc68k_reduced", "simulate_cohort", "simulate_multimodal", "yeast_promoters"]
