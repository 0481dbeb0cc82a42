"""Tools that take a model, or the embeddings of groups that it has written to an AnnData."""

from gde.tl.compare_groups import compare_groups
from gde.tl.conformal_region import ConformalRegion
from gde.tl.contrast_genes import contrast_genes
from gde.tl.decompose_distance import decompose_distance
from gde.tl.embed_dask import embed_dask
from gde.tl.embedding_regressor import EmbeddingRegressor
from gde.tl.evaluate import evaluate
from gde.tl.gene_features import gene_features
from gde.tl.required_sample_size import required_sample_size
from gde.tl.transfer_labels import transfer_labels

__all__ = [
    "ConformalRegion",
    "EmbeddingRegressor",
    "compare_groups",
    "contrast_genes",
    "decompose_distance",
    "embed_dask",
    "evaluate",
    "gene_features",
    "required_sample_size",
    "transfer_labels",
]
