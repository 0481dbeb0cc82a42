"""Tools that take a model, or the embeddings of groups that it has written to an AnnData."""

from gde.tl.compare_groups import compare_groups
from gde.tl.contrast_genes import contrast_genes
from gde.tl.decompose_distance import decompose_distance
from gde.tl.embed_dask import embed_dask
from gde.tl.evaluate import evaluate
from gde.tl.required_sample_size import required_sample_size

__all__ = [
    "compare_groups",
    "contrast_genes",
    "decompose_distance",
    "embed_dask",
    "evaluate",
    "required_sample_size",
]
