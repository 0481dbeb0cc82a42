"""What lies between groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from gde.data import check_integer
from gde.model.generation_mixin import GenerationMixin


class PathMixin(GenerationMixin):
    """Means of groups, and ways from one to another."""

    def interpolate(
        self,
        a: Any,
        b: Any,
        *,
        n_steps: int = 5,
        n_units: int = 500,
        adata: AnnData | None = None,
        library_size: float | None = None,
        batch: Any = None,
        allow_missing_genes: bool = False,
        seed: int | None = None,
    ) -> AnnData:
        r"""Sample units along the straight line from the embedding of one group to that of another.

        .. math:: z(t) = (1 - t)\, z_a + t\, z_b, \qquad t = 0, \tfrac{1}{n - 1}, \dots, 1.

        Whether this is the geodesic of optimal transport is a matter of the model: :func:`gde.metrics.geodesic_deviation` measures it, and
        :meth:`certify_geometry` does so for many pairs. Both ends are generated too, so that they can be held against the real units.

        Parameters
        ----------
        a, b
            Names of two groups, or values of a continuous label.
        n_steps
            Number of times, at least 2.
        n_units
            Number of units at each time.
        adata
            Where the groups are; None: the AnnData that the model was made with.
        library_size, batch, seed
            See :meth:`generate`. With ``batch=None`` covariates are those of all training units, the same at all times on average.
        allow_missing_genes
            See :meth:`get_group_embeddings`.

        Returns
        -------
        AnnData as from :meth:`generate`, with the time of each unit in ``.obs["time"]`` (a number), and in ``.uns["gde"]["path"]`` the groups
        (``from``, ``to``) and the ``times``.

        Raises
        ------
        KeyError
            If a group is not there.
        ValueError
            If there are fewer than 2 steps, or the groups are the same.

        Warns
        -----
        UserWarning
            If a part of the path lies outside the range of the embeddings seen in training, see :class:`gde.stats.EmbeddingRange`.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> path = model.interpolate("D1", "D3", n_steps=3, n_units=10)
        >>> path.obs["time"].value_counts().to_dict()
        {0.0: 10, 0.5: 10, 1.0: 10}
        """
        check_integer("n_steps", n_steps, 2)  # the two ends
        check_integer("n_units", n_units, 1)
        z = self._embeddings_of(adata, [a, b], allow_missing_genes)
        times = np.linspace(0, 1, n_steps)
        start, end = z.index
        points = pd.DataFrame(
            np.outer(1 - times, z.loc[start]) + np.outer(times, z.loc[end]),
            index=[f"{start} → {end}, {step + 1} of {n_steps}" for step in range(n_steps)],
        )
        path = self.generate(embeddings=points, n_units=n_units, library_size=library_size, batch=batch, seed=seed)
        path.obs["time"] = np.repeat(times, n_units)
        path.uns["gde"]["path"] = {"from": start, "to": end, "times": times}
        return path

    def barycenter(
        self,
        groups: Sequence[Any],
        weights: Sequence[float] | None = None,
        *,
        adata: AnnData | None = None,
        allow_missing_genes: bool = False,
    ) -> pd.DataFrame:
        r"""Weighted mean of the embeddings of groups: the point with the least weighted sum of squared latent distances to them.

        .. math:: \bar z = \sum_g w_g z_g \Big/ \sum_g w_g .

        As far as latent distance is Wasserstein distance (see :meth:`certify_geometry`), this is the Wasserstein barycenter of Agueh & Carlier (2011, doi
        10.1137/100805741), not the pool of the groups' units.

        Parameters
        ----------
        groups
            Names of groups, or values of a continuous label.
        weights
            Weight of each group, not negative; they need not sum to 1. None: all the same.
        adata
            Where the groups are; None: the AnnData that the model was made with.
        allow_missing_genes
            See :meth:`get_group_embeddings`.

        Returns
        -------
        One row, named ``barycenter``, for ``generate(embeddings=...)``.

        Raises
        ------
        KeyError
            If a group is not there.
        ValueError
            If weights are negative, all zero or not one for each group.

        Warns
        -----
        UserWarning
            If it lies outside the range of the embeddings seen in training, see :class:`gde.stats.EmbeddingRange`.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> center = model.barycenter(["D1", "D2", "D4"], weights=[2, 1, 1])
        >>> model.generate(embeddings=center, n_units=10).shape
        (10, 50)
        """
        z = self._embeddings_of(adata, groups, allow_missing_genes)
        try:
            share = np.ones(len(z)) if weights is None else np.asarray(weights, dtype=float)
        except (TypeError, ValueError):
            raise TypeError(f"`weights` must be {len(z)} numbers, one for each group; got {weights!r}.") from None
        if share.shape != (len(z),) or not np.isfinite(share).all() or (share < 0).any() or share.sum() == 0:
            raise ValueError(f"`weights` must be {len(z)} numbers, none negative and not all zero; got {weights!r}.")
        center = pd.DataFrame([share / share.sum() @ z.to_numpy()], index=["barycenter"], columns=z.columns)
        self._warn_if_outside(center)
        return center

    def _embeddings_of(self, adata: AnnData | None, groups: Sequence[Any], allow_missing_genes: bool) -> pd.DataFrame:
        return self.get_group_embeddings(adata, groups=groups, key_added=None, allow_missing_genes=allow_missing_genes)
