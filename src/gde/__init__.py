"""Generative distribution embeddings of groups of cells."""

from importlib.metadata import version

from gde import datasets, encoders, generators, get, metrics, model, nn, observations, pl, pp, stats, tl
from gde.model import GDEModel

__version__ = version("gde-tools")

setup_anndata = GDEModel.setup_anndata
setup_mudata = GDEModel.setup_mudata

__all__ = [
    "GDEModel",
    "datasets",
    "encoders",
    "generators",
    "get",
    "metrics",
    "model",
    "nn",
    "observations",
    "pl",
    "pp",
    "setup_anndata",
    "setup_mudata",
    "stats",
    "tl",
]
