"""Groups embedded by many processes."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from torch import Tensor

from gde.data import group_labels
from gde.encoders import PooledMean
from gde.model import GDEModel
from gde.module import GDEModule

UNITS_AT_A_TIME = 4096


def embed_dask(model: GDEModel, X: Any, obs: pd.DataFrame) -> pd.DataFrame:
    r"""Embed groups whose units are a dask array: each chunk becomes a summary where it lies, and summaries are merged here.

    The summary of a chunk is the number of its units and their mean features, for each group that it has; merged means are those of all units (Chan, Golub
    & LeVeque 1983, equation 2.1). So what travels is a few kilobytes a chunk, whatever its size. An encoder of several passes goes through the chunks
    as often.

    Parameters
    ----------
    model
        A trained model with discrete groups.
    X
        Dask array of units, shape (n_units, n_vars), whose columns are the model's genes in its order; chunked by rows, e.g. the ``.X`` of an AnnData
        that ``anndata.experimental.read_lazy`` opened. The scheduler is dask's current one: a ``distributed.Client``, or threads.
    obs
        Annotation of the units, in memory, with the columns that name the groups.

    Returns
    -------
    Embeddings, groups × n_latent, as :meth:`gde.GDEModel.get_group_embeddings` gives them.

    Raises
    ------
    RuntimeError
        If the model is not trained.
    ValueError
        If the groups of the model share units, or shapes do not fit.

    Examples
    --------
    >>> import gde
    >>> import dask.array  # doctest: +SKIP
    >>> units = dask.array.from_array(adata.X.toarray(), chunks=(1000, -1))  # doctest: +SKIP
    >>> gde.tl.embed_dask(model, units, adata.obs)  # doctest: +SKIP
    """
    codes, names = _groups(model, X, obs)
    import dask

    module = dask.delayed(copy.deepcopy(model.module).cpu().eval())
    summarise = dask.delayed(_summarise)
    if X.numblocks[1] > 1:
        X = X.rechunk({1: -1})
    bounds = np.cumsum([0, *X.chunks[0]])
    chunks = X.to_delayed()[:, 0]
    parts = [codes[start:stop] for start, stop in zip(bounds[:-1], bounds[1:], strict=True)]
    encoder = copy.deepcopy(model.module.encoder).cpu().eval()
    means: list[Tensor] = []
    for _ in range(encoder.n_passes):
        here = dask.delayed(means)
        pooled = PooledMean(len(names))
        for summary in dask.compute(
            *[summarise(module, chunk, part, here) for chunk, part in zip(chunks, parts, strict=True)]
        ):
            pooled.update(*(torch.from_numpy(values) for values in summary))
        means.append(pooled.value.float())
    with torch.inference_mode():
        z = encoder.head(means).numpy()
    return pd.DataFrame(z, index=pd.Index(names), columns=[f"gde_{i}" for i in range(z.shape[1])])


def _groups(model: GDEModel, X: Any, obs: pd.DataFrame) -> tuple[np.ndarray, Sequence[str]]:
    """Group of each unit, and the names of the groups."""
    if not model.is_trained:
        raise RuntimeError("This model has not been trained, so its results mean nothing: call `model.train()` first.")
    if not model.group_keys:
        raise ValueError("The groups of this model share units: use `model.get_group_embeddings`.")
    n_vars = len(model.get_var_names())
    if X.shape != (len(obs), n_vars):
        raise ValueError(
            f"`X` has the shape {X.shape}, and {(len(obs), n_vars)} is needed: a row for each of `obs` and a column for each of the model's genes, "
            "in the order of `model.get_var_names()`."
        )
    labels = group_labels(obs, model.group_keys).astype(str).astype("category")
    return labels.cat.codes.to_numpy().astype(np.int64), [str(name) for name in labels.cat.categories]


@torch.inference_mode()
def _summarise(
    module: GDEModule, chunk: Any, codes: np.ndarray, means: list[Tensor]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean features of the groups of a chunk, their codes, and their numbers of units."""
    present, local = np.unique(codes, return_inverse=True)
    means = [values[torch.from_numpy(present)] for values in means]
    pooled = PooledMean(len(present))
    for start in range(0, len(codes), UNITS_AT_A_TIME):
        rows, set_of_unit = (
            chunk[start : start + UNITS_AT_A_TIME],
            torch.from_numpy(local[start : start + UNITS_AT_A_TIME]),
        )
        units = module.featurise(_tensor(rows))
        pooled.update(module.encoder.features(units, means, set_of_unit), set_of_unit, torch.ones(len(set_of_unit)))
    return pooled.value.numpy(), present, pooled.weight.numpy()


def _tensor(rows: Any) -> Tensor:
    if not sp.issparse(rows):
        return torch.from_numpy(np.asarray(rows, dtype=np.float32))
    rows = sp.csr_matrix(rows, dtype=np.float32)
    starts, columns, stored = (torch.from_numpy(part) for part in (rows.indptr, rows.indices, rows.data))
    return torch.sparse_csr_tensor(starts, columns, stored, rows.shape)
