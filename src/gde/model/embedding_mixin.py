"""Groups to embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy.spatial.distance import cdist
from scvi.data import AnnDataManager

from gde.data import GroupRows, LabelPrior, check_keys
from gde.encoders import embed_chunks, embed_with_covariance
from gde.model.covariate_table import CovariateTable
from gde.model.group_chunks import GroupChunks
from gde.model.query_manager import query_manager
from gde.model.registered_model import RegisteredModel
from gde.model.with_smaller_chunks import with_smaller_chunks
from gde.stats import EmbeddingRange, corrected_distances, distances_by_halves

MAX_UNITS_FOR_RANGE = 1000  # of a group: enough to see where it lies, so that millions of units cost no pass more


class EmbeddingMixin(RegisteredModel):
    """What a model says about groups."""

    @overload
    def get_group_embeddings(
        self,
        adata: AnnData | None = None,
        *,
        groups: Sequence[Any] | None = None,
        return_cov: Literal[False] = False,
        key_added: str | None = "gde",
        allow_missing_genes: bool = False,
        batch_size: int = 4096,
    ) -> pd.DataFrame: ...

    @overload
    def get_group_embeddings(
        self,
        adata: AnnData | None = None,
        *,
        groups: Sequence[Any] | None = None,
        return_cov: Literal[True],
        key_added: str | None = "gde",
        allow_missing_genes: bool = False,
        batch_size: int = 4096,
    ) -> tuple[pd.DataFrame, np.ndarray]: ...

    def get_group_embeddings(
        self,
        adata: AnnData | None = None,
        *,
        groups: Sequence[Any] | None = None,
        return_cov: bool = False,
        key_added: str | None = "gde",
        allow_missing_genes: bool = False,
        batch_size: int = 4096,
    ) -> pd.DataFrame | tuple[pd.DataFrame, np.ndarray]:
        """Embed each group from all its units, chunk by chunk; a continuous label from all units with their kernel weights.

        Groups that were never seen are embedded without training. Genes in another order are aligned.

        Parameters
        ----------
        adata
            AnnData with the columns and the layer that the model was set up with; None: the one that the model was made with.
        groups
            Names of groups, or values of a continuous label, also such that no unit has; None: all groups, or all values that occur (of more
            than 200, 200 that are evenly spaced in rank).
        return_cov
            Also say how well each embedding is known: the covariance that it would have if the units of the group were drawn again
            (:func:`gde.encoders.embed_with_covariance`). An encoder of several passes goes through the units about twice as often for it.
        key_added
            Where in ``.uns`` the result goes: ``embeddings`` (the DataFrame), ``n_units`` (units with a weight in each group), ``n_effective``
            (Kish's effective number of them, less than ``n_units`` where weights differ) and ``params``; with ``return_cov`` also ``covariances`` and
            ``standard_errors`` (a DataFrame like ``embeddings``, the roots of their diagonals). None writes nothing.
        allow_missing_genes
            Accept an AnnData that lacks some of the model's genes. They are masked out of the first layer, where they count as the training
            mean. Embeddings lose with each missing gene, less than if zeros were filled in: ``docs/benchmarks/main_job.md`` says how much. Likewise
            a MuData that lacks some of the model's modalities, whose units are read by those that they have.
        batch_size
            Number of units in a chunk. The result does not depend on it; where memory runs out, it is halved with a warning.

        Returns
        -------
        Embeddings, groups × n_latent, with columns ``gde_0``, ``gde_1``, …; with ``return_cov`` also their covariances, an array (n_groups, n_latent, n_latent)
        in the same order. A group of one unit has NaN there: one unit does not tell how much units vary. Groups that share units
        (continuous and noisy labels) have embeddings that vary together, and each covariance is that of one of them by itself.

        Raises
        ------
        RuntimeError
            If the model is not trained.
        TypeError
            If an argument is of another type, e.g. ``groups`` no list.
        KeyError
            If a group of ``groups`` is not there.
        ValueError
            If genes are missing, values do not fit the likelihood, or no unit is near a continuous label.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> list(model.get_group_embeddings().columns)
        ['gde_0', 'gde_1', 'gde_2']
        >>> sorted(adata.uns["gde"])
        ['embeddings', 'n_effective', 'n_units', 'params']
        >>> embeddings, covariances = model.get_group_embeddings(return_cov=True)
        >>> covariances.shape
        (4, 3, 3)
        """
        target = self.adata if adata is None else adata
        check_keys({"key_added": key_added})
        manager, observed = self._query(adata, allow_missing_genes)
        prior, order = self._find_groups(manager, groups)
        if return_cov:
            estimates = self._embed_with_covariance(manager, prior, observed, batch_size)
            z, covariances = (values[order] for values in estimates)
        else:
            z = self._embed(manager, prior, observed, batch_size)[order]
        embeddings = self._table(z, [prior.names[code] for code in prior.codes[order]])
        if key_added is not None:
            params = self._describe(target) | {
                "n_missing_genes": 0 if observed is None else int((~observed).sum()),
                "n_labels_seen": int(embeddings.index.isin(self.labelled_groups_).sum()),
            }
            numbers = {"n_units": prior.n_units[order], "n_effective": prior.n_effective[order].astype(float)}
            target.uns[key_added] = {"embeddings": embeddings, **numbers, "params": params}
            if return_cov:
                errors = np.sqrt(covariances.diagonal(axis1=1, axis2=2))
                target.uns[key_added] |= {
                    "covariances": covariances,
                    "standard_errors": self._table(errors, embeddings.index),
                }
        return (embeddings, covariances) if return_cov else embeddings

    @overload
    def get_group_distances(
        self, adata: AnnData | None = None, *, corrected: Literal[False] = False, allow_missing_genes: bool = False
    ) -> pd.DataFrame: ...

    @overload
    def get_group_distances(
        self, adata: AnnData | None = None, *, corrected: Literal[True, "halves"], allow_missing_genes: bool = False
    ) -> tuple[pd.DataFrame, pd.DataFrame]: ...

    def get_group_distances(
        self,
        adata: AnnData | None = None,
        *,
        corrected: bool | Literal["halves"] = False,
        allow_missing_genes: bool = False,
    ) -> pd.DataFrame | tuple[pd.DataFrame, pd.DataFrame]:
        """Euclidean distances between the embeddings of groups, or their squares without the noise of small groups.

        Parameters
        ----------
        adata, allow_missing_genes
            See :meth:`get_group_embeddings`.
        corrected
            Take away what sampling noise adds to the squared distances. Groups of few units otherwise seem far from all others. True: by the
            covariances, see :func:`gde.stats.corrected_distances`, which takes away too much where groups have fewer than about 40 units;
            ``"halves"``: by two random halves of each group, see :func:`gde.stats.distances_by_halves`, which varies more and has no such bias
            between groups of one size.

        Returns
        -------
        Distances, groups × groups. If ``corrected``: the squared distances, negative where noise alone would have put the groups further apart, and
        their standard errors; NaN for groups of one unit, and standard errors also where a half has one unit. Nothing is written.

        Raises
        ------
        ValueError
            If ``corrected`` is none of these, or groups share units (continuous and noisy labels), whose noise is partly the same.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> model.get_group_distances().shape
        (4, 4)
        >>> squared, standard_errors = model.get_group_distances(corrected=True)
        """
        if corrected not in (False, True, "halves"):
            raise ValueError(f"`corrected` must be False, True or 'halves', got {corrected!r}.")
        if not corrected:
            z = self.get_group_embeddings(adata, key_added=None, allow_missing_genes=allow_missing_genes)
            return pd.DataFrame(cdist(z, z), index=z.index, columns=z.index)
        if not self.group_keys:
            raise ValueError(
                "`corrected`: the groups of this model share units, so their noise is partly the same and this correction would be too large. "
                "Use `corrected=False`."
            )
        manager, observed = self._query(adata, allow_missing_genes)
        prior, _ = self._find_groups(manager, None)
        if corrected == "halves":
            found = distances_by_halves(*self._embed_halves(manager, observed))
        else:
            found = corrected_distances(*self._embed_with_covariance(manager, prior, observed))
        names = [prior.names[code] for code in prior.codes]
        squared, errors = (pd.DataFrame(values, index=names, columns=names) for values in found)
        return squared, errors

    def _query(
        self, adata: AnnData | None, allow_missing_genes: bool = False, *, with_units: bool = False
    ) -> tuple[AnnDataManager, np.ndarray | None]:
        """Manager of an AnnData, and which genes were measured (None: all); ``with_units`` also where the encoder reads something else."""
        self._check_is_trained()
        if adata is None:
            adata = self.adata
        if adata is None:
            raise ValueError("This model was loaded without an AnnData: pass one.")
        if adata is self.adata:
            self._validate_anndata(adata)
            if self.labels.are_current(self.adata_manager):
                return self.adata_manager, None
        kinds = [self.units] if self.given_units is None else [self.given_units, *[self.units] * with_units]
        specs = [kind.spec(self.registry_) for kind in kinds]
        needed = [
            kind.of_query(adata, spec, allow_missing_genes=allow_missing_genes)
            for kind, spec in zip(kinds, specs, strict=True)
        ]
        manager, observed = query_manager(
            adata,
            needed,
            self.labels,
            genes=self.get_var_names(),
            allow_missing_genes=allow_missing_genes,
            covariate_keys=CovariateTable(self.registry_, self._setup_args).obs_keys,
        )
        for units, spec in zip(needed, specs, strict=True):
            units.check_shape(adata, spec)
        return manager, observed

    def _find_groups(self, manager: AnnDataManager, groups: Sequence[Any] | None) -> tuple[LabelPrior, np.ndarray]:
        """The groups that are asked for, and their positions among ``codes`` in the order in which they are asked for."""
        labels = self.labels
        if groups is None:
            prior = labels.prior(manager)
            return prior, np.arange(len(prior))
        if not pd.api.types.is_list_like(groups):
            raise TypeError(f"`groups` must be a list of names, e.g. `groups=[{groups!r}]`, got {groups!r}.")
        names = [labels.name(group) for group in groups]
        if not names or len(set(names)) < len(names):
            raise ValueError("`groups` must name at least one group, and each group once.")
        prior = labels.prior(manager, wanted=groups)
        position = {prior.names[code]: position for position, code in enumerate(prior.codes.tolist())}
        return prior, np.array([position[name] for name in names])

    def _range_of(self, rows: np.ndarray) -> EmbeddingRange:
        """Range of the embeddings of groups from some rows of the model's own AnnData."""
        codes = self.labels.codes(self.adata_manager)
        if not self.labels.prior(self.adata_manager, rows).in_runs:
            rows = np.random.default_rng(self.seed_).permutation(rows)
        rank = pd.Series(codes[rows]).groupby(codes[rows]).cumcount().to_numpy()
        prior = self.labels.prior(self.adata_manager, np.sort(rows[rank < MAX_UNITS_FOR_RANGE]))
        return EmbeddingRange.fit(self._embed(self.adata_manager, prior, None, 4096))

    def _chunks(
        self, manager: AnnDataManager, prior: LabelPrior, observed: np.ndarray | None = None, batch_size: int = 4096
    ) -> GroupChunks:
        """The units of groups as the encoder reads them."""
        covariates = None
        if self.module.covariate_effect is not None:
            table = CovariateTable(self.registry_, self._setup_args)
            covariates = table.encode_known(manager.adata.obs, prior.rows)
        return GroupChunks(self.module, manager, prior, observed, batch_size, covariates)

    def _embed(
        self, manager: AnnDataManager, prior: LabelPrior, observed: np.ndarray | None, batch_size: int
    ) -> np.ndarray:
        """Embeddings of groups, in the order of ``prior.codes``."""
        return with_smaller_chunks(
            lambda size: embed_chunks(
                self.module.encoder, self._chunks(manager, prior, observed, size), len(prior)
            ).numpy(force=True),
            batch_size,
        )

    def _embed_with_covariance(
        self, manager: AnnDataManager, prior: LabelPrior, observed: np.ndarray | None, batch_size: int = 4096
    ) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings of groups and their covariances, in the order of ``prior.codes``."""
        z, covariances = with_smaller_chunks(
            lambda size: embed_with_covariance(
                self.module.encoder, self._chunks(manager, prior, observed, size), len(prior)
            ),
            batch_size,
        )
        return z.numpy(force=True), covariances.numpy()

    def _embed_halves(self, manager: AnnDataManager, observed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings (n_groups, 2, n_latent) of two random halves of each group, and their covariances; NaN for a half without units."""
        groups = GroupRows(self.labels.codes(manager))
        halves = groups.halves(self.seed_)
        found = self._embed_with_covariance(manager, halves, observed)
        group, half = np.searchsorted(groups.codes, halves.codes // 2), halves.codes % 2
        z, covariances = (np.full((len(groups), 2, *values.shape[1:]), np.nan) for values in found)
        z[group, half], covariances[group, half] = found
        return z, covariances

    @staticmethod
    def _table(values: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame(values, index=pd.Index(names), columns=[f"gde_{i}" for i in range(values.shape[1])])
