"""Rows of a sparse matrix in zarr through annbatch."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
import scipy.sparse as sp


class AnnbatchRows:
    """Rows of a CSR matrix in zarr, read by annbatch's loader with a sampler of ours on its interface: each batch is one request.

    annbatch (extra ``annbatch``, Python 3.12 or later) reads the chunks of a request at once and takes less time than zarr takes for
    the same rows by itself. Which rows a batch has is up to the caller, so that groups may be as small as they are.

    Parameters
    ----------
    matrix
        What :func:`anndata.io.sparse_dataset` gives, CSR in zarr.
    """

    def __init__(self, matrix: Any):
        from annbatch import Loader

        self._sampler = _make_sampler()
        self._loader = Loader(batch_sampler=self._sampler, preload_to_gpu=False).add_datasets([matrix])

    @staticmethod
    def is_installed() -> bool:
        """Whether annbatch is there."""
        return find_spec("annbatch") is not None

    def take(self, rows: np.ndarray) -> sp.csr_matrix:
        """Rows in the order in which they are asked for."""
        self._sampler.rows = rows
        (batch,) = self._loader
        return batch["X"]


def _make_sampler() -> Any:
    """A sampler that asks for ``rows`` and nothing else; a function, since its base class is not always there."""
    from annbatch.abc import Sampler

    class OneRequest(Sampler):
        batch_size = None
        shuffle = False
        rows = np.zeros(0, dtype=int)

        def n_batches(self, n_obs: int) -> int:
            return 1

        def validate(self, n_obs: int) -> None:
            """Rows come from the labels of the same matrix."""

        def _sample(self, n_obs: int) -> Iterator[dict[str, Any]]:
            yield {"requests": self.rows, "splits": [np.arange(len(self.rows))]}

    return OneRequest()
