"""Units again, from what the model makes of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from anndata import AnnData
from scvi import REGISTRY_KEYS

from gde.data import check_integer
from gde.model.covariate_table import CovariateTable
from gde.model.embedding_mixin import EmbeddingMixin
from gde.nn import SetNoise

UNITS_PER_CHUNK = 2048
UNITS_PER_SEED = 64  # share a stream of random numbers, however long the chunks are


class PosteriorMixin(EmbeddingMixin):
    """What ``scvi.criticism`` asks of a model."""

    @torch.inference_mode()
    def posterior_predictive_sample(
        self,
        adata: AnnData | None = None,
        *,
        indices: Sequence[int] | np.ndarray | None = None,
        n_samples: int = 1,
        batch_size: int | None = None,
        seed: int = 0,
    ) -> Any:
        r"""Sample the counts of each unit again, from its own latent vector, group, covariates and library size.

        .. math:: \hat x_i \sim p(x \mid v, z_{g(i)}, \ell_i), \qquad v \sim q(v \mid x_i).

        This asks how well the unit autoencoder describes single units, not what the generator makes of a group: that is :meth:`generate`.
        :class:`scvi.criticism.PosteriorPredictiveCheck` calls it.

        Parameters
        ----------
        adata
            Units of groups; None: the AnnData that the model was made with.
        indices
            Rows to sample, numbers or a mask; None: all. Embeddings are those of all units of a group in any case.
        n_samples
            Number of samples of each unit.
        batch_size
            Number of units in a chunk, rounded up to a multiple of 64; None: 2,048. Samples do not depend on it.
        seed
            Seed of the samples.

        Returns
        -------
        Counts, a ``sparse.GCXS`` of shape (n_units, n_genes), or (n_units, n_genes, n_samples) of several, as scvi-tools' models return them.

        Raises
        ------
        RuntimeError
            If the model is not trained.
        TypeError
            If a number is none.
        ValueError
            If units are not counts, groups share units, a covariate is unknown, or ``indices`` are not those of units.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> model.posterior_predictive_sample(n_samples=2).shape
        (120, 50, 2)
        """
        from sparse import GCXS

        if self.units.observation != "counts" or not self.group_keys or self.given_units is not None:
            raise ValueError(
                "`posterior_predictive_sample` is for counts that the encoder reads itself, of groups that share no units."
            )
        check_integer("n_samples", n_samples, 1)
        check_integer("seed", seed)
        size = UNITS_PER_CHUNK if batch_size is None else check_integer("batch_size", batch_size, 1)
        size = UNITS_PER_SEED * math.ceil(size / UNITS_PER_SEED)
        manager, _ = self._query(adata)
        prior, _ = self._find_groups(manager, None)
        rows = _chosen(manager.adata.n_obs, indices)
        z = self.module.encoder.condition(torch.from_numpy(self._embed(manager, prior, None, 4096)).to(self.device))
        group = torch.from_numpy(np.searchsorted(prior.codes, self.labels.codes(manager)[rows])).to(self.device)
        obs, counts = manager.adata.obs.iloc[rows], manager.get_from_registry(REGISTRY_KEYS.X_KEY)
        samples = []
        for sample in range(n_samples):
            parts = []
            for start in range(0, len(rows), size):
                part = slice(start, start + size)
                noise = _noise((seed, sample), start, min(start + size, len(rows)), self.device)
                parts.append(self._sampled_again(counts[rows[part]], obs.iloc[part], z, group[part], noise))
            samples.append(sp.vstack(parts, format="csr"))
        if n_samples == 1:
            return GCXS.from_scipy_sparse(samples[0])
        return GCXS.from_numpy(np.stack([part.toarray() for part in samples], axis=2), compressed_axes=(0,))

    def _sampled_again(
        self, counts: Any, obs: Any, z: torch.Tensor, group: torch.Tensor, noise: SetNoise
    ) -> sp.csr_matrix:
        """One sample of some units, given what generators read of embeddings."""
        module, device = self.module.eval(), self.device
        table = CovariateTable(self.registry_, self._setup_args)
        categorical, continuous = table.encode(obs)
        if (categorical < 0).any():
            raise ValueError(table.explain_unknown(categorical, takes_batch=False))
        given = module.standardised_covariates(torch.from_numpy(categorical), torch.from_numpy(continuous))
        dense = counts.toarray() if sp.issparse(counts) else np.asarray(counts)
        x = torch.from_numpy(dense.astype(np.float32)).to(device)
        vectors, _ = module.observation.score(x, module.observation.featurise(x), z, group, given, noise)
        library = x.sum(1).clamp_min(1)
        return sp.csr_matrix(
            module.observation.sample(vectors, z, group, given, noise, library_size=library).numpy(force=True)
        )


def _noise(key: tuple[int, int], start: int, stop: int, device: torch.device) -> SetNoise:
    """Random numbers of the units from ``start`` to ``stop``, which are functions of the key and of the place alone."""
    starts = range(start, stop, UNITS_PER_SEED)
    seeds = [int(np.random.SeedSequence((*key, first)).generate_state(1)[0]) for first in starts]
    return SetNoise(seeds, [min(UNITS_PER_SEED, stop - first) for first in starts], device)


def _chosen(n_units: int, indices: Any) -> np.ndarray:
    """Numbers of the units that are asked for."""
    units = np.arange(n_units)
    try:
        rows = units if indices is None else units[np.asarray(indices)]
    except IndexError:
        rows = units[:0]
    if rows.ndim != 1 or not len(rows):
        raise ValueError(
            f"`indices` must be numbers below {n_units}, at least one, or a mask of as many units, got {indices!r}."
        )
    return rows
