"""What is behind an embedding: summaries of groups, and the part of each unit."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from anndata import AnnData

from gde.data import check_keys
from gde.encoders import embed_moments, pool_covariance, total_derivatives, unit_influence
from gde.model.embedding_mixin import EmbeddingMixin
from gde.stats import GroupSummary


class UncertaintyMixin(EmbeddingMixin):
    """What a model says about how an embedding comes about."""

    def summarize_groups(
        self, adata: AnnData | None = None, *, groups: Sequence[Any] | None = None, batch_size: int = 4096
    ) -> GroupSummary:
        """Moments of groups that add up, so that sites share them instead of cells.

        The sum of the summaries of two parts of the data is the summary of all of it; :meth:`embed_summary` makes embeddings of it. Only weights of noisy
        labels given as likelihoods depend on all units, and such summaries do not add up exactly.

        Parameters
        ----------
        adata, groups, batch_size
            See :meth:`get_group_embeddings`.

        Raises
        ------
        ValueError
            If the encoder goes through the units more than once.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> one, other = (model.summarize_groups(adata[part::2].copy()) for part in (0, 1))
        >>> embeddings, covariances = model.embed_summary(one + other)
        >>> bool(np.allclose(embeddings, model.get_group_embeddings(), atol=1e-6))
        True
        """
        manager, _ = self._query(adata)
        prior, order = self._find_groups(manager, groups)
        chunks = self._chunks(manager, prior, batch_size=batch_size)
        moments = pool_covariance(self.module.encoder, chunks, len(prior)).moments
        return GroupSummary(
            names=[prior.names[code] for code in prior.codes[order]],
            n_units=prior.n_units[order],
            encoder=self._encoder_hash(),
            **{key: value.numpy()[order] for key, value in moments.items()},
        )

    def embed_summary(self, summary: GroupSummary) -> tuple[pd.DataFrame, np.ndarray]:
        """Embeddings of summarized groups and their covariances, as of :meth:`get_group_embeddings` with ``return_cov``.

        Parameters
        ----------
        summary
            From :meth:`summarize_groups` of this model, or a sum of such.

        Raises
        ------
        TypeError
            If it is no summary.
        ValueError
            If the summary comes from an encoder with other weights.

        See Also
        --------
        gde.stats.two_group_test : Do two of the groups differ? Takes their embeddings, covariances and ``summary.n_effective``.
        gde.stats.corrected_distances : How far apart are they?
        """
        self._check_is_trained()
        if not isinstance(summary, GroupSummary):
            raise TypeError(f"`summary` must come from `model.summarize_groups(adata)`, got {type(summary).__name__}.")
        if summary.encoder != self._encoder_hash():
            raise ValueError(
                "The summary comes from an encoder with other weights, so this model cannot read it. Load the model that made it, or make it anew with "
                "`model.summarize_groups(adata)`."
            )
        arrays = ("weight", "squared_weight", "mean", "squared_mean", "scatter")
        moments = {key: torch.from_numpy(getattr(summary, key)) for key in arrays}
        z, covariances = embed_moments(self.module.eval().encoder, moments)
        return self._table(z.numpy(force=True), summary.names), covariances.numpy()

    def get_unit_influence(
        self,
        adata: AnnData | None = None,
        *,
        direction: np.ndarray | pd.Series | int | Sequence[Any],
        groups: Sequence[Any] | None = None,
        key_added: str | None = "gde_influence",
        batch_size: int = 4096,
    ) -> pd.Series:
        r"""How far each unit pulls the embedding of its group along a direction.

        .. math:: c_i = u^\top \mathrm{IF}_i, \qquad \lVert u \rVert = 1,

        with the influence function of :func:`gde.encoders.unit_influence`; it has mean zero within each group. Leaving out a share s of a group's units, whose
        influences average c, moves the embedding by :math:`-c\,s / (1 - s)` along u, to first order.

        Parameters
        ----------
        adata
            See :meth:`get_group_embeddings`.
        direction
            An array or Series (n_latent,), e.g. the normal of a classifier or the difference of two rows of the embeddings; the number of a latent axis; or two groups, or two lists of groups, whose mean
            embeddings differ by it: ``("D1", "D2")`` points from D2 to D1, so that units with high values make a group more like D1.
        groups
            Groups whose units get a value, the others NaN; None: all of them. Where groups share units (continuous and noisy labels), name one.
        key_added
            Column of ``.obs`` for the result; None writes nothing.
        batch_size
            See :meth:`get_group_embeddings`.

        Returns
        -------
        Influence of each unit, in units of z.

        Raises
        ------
        TypeError
            If the direction is of another type.
        ValueError
            If the direction has no length or does not fit, or several groups share units.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> influence = model.get_unit_influence(direction=(["D1", "D2"], ["D3", "D4"]))
        >>> bool(influence.groupby(adata.obs["donor"], observed=True).mean().abs().max() < 1e-5)
        True
        """
        target = self.adata if adata is None else adata
        check_keys({"key_added": key_added})
        manager, _ = self._query(adata)
        prior, _ = self._find_groups(manager, groups)
        if not self.group_keys and len(prior) > 1:
            raise ValueError(
                "`groups`: the groups of this model share units, and a unit has one influence on each. Name one group."
            )
        encoder, chunks = self.module.encoder, self._chunks(manager, prior, batch_size=batch_size)
        along = torch.from_numpy(self._direction(adata, direction)[None])
        means, derivatives = total_derivatives(encoder, chunks, len(prior), along)
        values = np.full(manager.adata.n_obs, np.nan)
        with torch.inference_mode():
            for rows, chunk in chunks.with_rows():
                values[rows] = unit_influence(encoder, chunk, means, derivatives)[:, 0].numpy(force=True)
        influence = pd.Series(values, index=target.obs_names, name=key_added)
        if key_added is not None:
            target.obs[key_added] = influence
        return influence

    def _direction(self, adata: AnnData | None, direction: np.ndarray | pd.Series | int | Sequence[Any]) -> np.ndarray:
        """The direction as a vector of length 1."""
        n_latent = self.module.encoder.n_latent
        if isinstance(direction, int | np.integer) and not isinstance(direction, bool):
            if not 0 <= direction < n_latent:
                raise ValueError(f"`direction`: latent axes are 0 to {n_latent - 1}, got {direction}.")
            return np.eye(n_latent)[direction]
        if isinstance(direction, np.ndarray | pd.Series):
            vector = _numbers(direction)
        elif isinstance(direction, Sequence) and not isinstance(direction, str) and len(direction) == 2:
            sides = [list(side) if pd.api.types.is_list_like(side) else [side] for side in direction]
            means = [self.get_group_embeddings(adata, groups=side, key_added=None).mean() for side in sides]
            vector = (means[0] - means[1]).to_numpy(float)
        else:
            raise ValueError(
                "`direction` must be an array, the number of a latent axis, or two groups (or two lists of groups), such as `('D1', 'D2')`; "
                f"got {direction!r}."
            )
        length = np.linalg.norm(vector)
        if vector.shape != (n_latent,) or not np.isfinite(length) or length == 0:
            raise ValueError(f"`direction` must be {n_latent} finite numbers that are not all zero, got {vector}.")
        return vector / length

    def _encoder_hash(self) -> str:
        """Changes with every weight that features of units may depend on."""
        digest = hashlib.sha256()
        module = self.module
        parts = [module.encoded.state_dict(), module.encoder.state_dict()]
        if module.covariate_effect is not None:
            scale = {"continuous_mean": module.continuous_mean, "continuous_sd": module.continuous_sd}
            parts.append(module.covariate_effect.state_dict() | scale)
        for part in parts:
            for name, tensor in sorted(part.items()):
                digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
                digest.update(tensor.numpy(force=True).tobytes())
        return digest.hexdigest()


def _numbers(direction: np.ndarray | pd.Series) -> np.ndarray:
    try:
        return np.asarray(direction, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"`direction` must be numbers, got an array of type {direction.dtype}.") from None
