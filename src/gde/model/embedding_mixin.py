"""Groups to embeddings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from scipy.spatial.distance import cdist
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from scvi.utils import track

from gde.data import ChunkSampler, GroupRows, LabelPrior, SetDataset
from gde.encoders import embed_chunks
from gde.model.query_manager import query_manager
from gde.model.registered_model import RegisteredModel
from gde.nn import SetBatch
from gde.stats import EmbeddingRange

N_CHUNKS_WORTH_A_BAR = 20
MAX_UNITS_FOR_RANGE = 1000  # of a group: enough to see where it lies, so that millions of units cost no pass more


class EmbeddingMixin(RegisteredModel):
    """What a model says about groups."""

    def get_group_embeddings(
        self,
        adata: AnnData | None = None,
        *,
        groups: Sequence[Any] | None = None,
        key_added: str | None = "gde",
        allow_missing_genes: bool = False,
        batch_size: int = 4096,
    ) -> pd.DataFrame:
        """Embed each group from all its units, chunk by chunk; a continuous label from all units with their kernel weights.

        Groups that were never seen are embedded without training. Genes in another order are aligned.

        Parameters
        ----------
        adata
            AnnData with the columns and the layer that the model was set up with; None: the one that the model was made with.
        groups
            Names of groups, or values of a continuous label, also such that no unit has; None: all groups, or all values that occur (of more
            than 200, 200 that are evenly spaced in rank).
        key_added
            Where in ``.uns`` the result goes: ``embeddings`` (the DataFrame), ``n_units`` (units with a weight in each group), ``n_effective``
            (Kish's effective number of them, less than ``n_units`` where weights differ) and ``params``. None writes nothing.
        allow_missing_genes
            Accept an AnnData that lacks some of the model's genes. They are masked out of the first layer, where they count as the training
            mean. Embeddings lose with each missing gene, less than if zeros were filled in: ``docs/benchmarks/main_job.md`` says how much.
        batch_size
            Number of units in a chunk. The result does not depend on it.

        Returns
        -------
        Embeddings, groups × n_latent, with columns ``gde_0``, ``gde_1``, …

        Raises
        ------
        RuntimeError
            If the model is not trained.
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
        """
        target = self.adata if adata is None else adata
        manager, observed = self._query(adata, allow_missing_genes)
        prior, order = self._find_groups(manager, groups)
        z = self._embed(manager, prior, observed, batch_size)[order]
        names = [prior.names[code] for code in prior.codes[order]]
        embeddings = pd.DataFrame(z, index=pd.Index(names), columns=[f"gde_{i}" for i in range(z.shape[1])])
        if key_added is not None:
            params = self._describe() | {"n_missing_genes": 0 if observed is None else int((~observed).sum())}
            numbers = {"n_units": prior.n_units[order], "n_effective": prior.n_effective[order].astype(float)}
            target.uns[key_added] = {"embeddings": embeddings, **numbers, "params": params}
        return embeddings

    def get_group_distances(self, adata: AnnData | None = None, *, allow_missing_genes: bool = False) -> pd.DataFrame:
        """Euclidean distances between the embeddings of groups.

        Parameters
        ----------
        adata, allow_missing_genes
            See :meth:`get_group_embeddings`.

        Returns
        -------
        Distances, groups × groups. Nothing is written.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> model.get_group_distances().shape
        (4, 4)
        """
        z = self.get_group_embeddings(adata, key_added=None, allow_missing_genes=allow_missing_genes)
        return pd.DataFrame(cdist(z, z), index=z.index, columns=z.index)

    def _query(
        self, adata: AnnData | None, allow_missing_genes: bool = False
    ) -> tuple[AnnDataManager, np.ndarray | None]:
        """Manager of an AnnData, and which genes were measured (None: all)."""
        self._check_is_trained()
        if adata is None or adata is self.adata:
            if self.adata is None:
                raise ValueError("This model was loaded without an AnnData: pass one.")
            self._validate_anndata(self.adata)
            return self.adata_manager, None
        manager, observed = query_manager(
            adata,
            None if self._obsm_key else self.get_var_names(),
            self.labels,
            layer=self._setup_args["layer"],
            obsm_key=self._obsm_key,
            likelihood=self.likelihood,
            allow_missing_genes=allow_missing_genes,
        )
        n_vars = self.unit_matrix(adata).shape[1]
        if self._obsm_key and n_vars != self.summary_stats.n_X:
            raise ValueError(
                f"`.obsm[{self._obsm_key!r}]` has {n_vars} columns, and the model was trained on {self.summary_stats.n_X}."
            )
        return manager, observed

    def _find_groups(self, manager: AnnDataManager, groups: Sequence[Any] | None) -> tuple[LabelPrior, np.ndarray]:
        """The groups that are asked for, and their positions among ``codes`` in the order in which they are asked for."""
        labels = self.labels
        if isinstance(groups, str):
            raise ValueError(f"`groups` must be a list of names: `groups=[{groups!r}]`.")
        if groups is None:
            prior = labels.prior(manager)
            return prior, np.arange(len(prior))
        names = [labels.name(group) for group in groups]
        if not names or len(set(names)) < len(names):
            raise ValueError("`groups` must name at least one group, and each group once.")
        prior = labels.prior(manager, wanted=groups)
        position = {prior.names[code]: position for position, code in enumerate(prior.codes.tolist())}
        return prior, np.array([position[name] for name in names])

    def _range_of(self, rows: np.ndarray) -> EmbeddingRange:
        """Range of the embeddings of groups from some rows of the model's own AnnData."""
        codes = self.labels.codes(self.adata_manager)
        rows = np.random.default_rng(self.seed_).permutation(rows)
        rank = pd.Series(codes[rows]).groupby(codes[rows]).cumcount().to_numpy()
        prior = self.labels.prior(self.adata_manager, np.sort(rows[rank < MAX_UNITS_FOR_RANGE]))
        return EmbeddingRange.fit(self._embed(self.adata_manager, prior, None, 4096))

    def _embed(
        self, manager: AnnDataManager, prior: LabelPrior, observed: np.ndarray | None, batch_size: int
    ) -> np.ndarray:
        """Embeddings of groups, in the order of ``prior.codes``."""
        module, device = self.module, self.module.device
        dataset = SetDataset(manager, [REGISTRY_KEYS.X_KEY])
        sampler = ChunkSampler(GroupRows(np.zeros(len(dataset), dtype=int), prior.rows), batch_size=batch_size)
        mask = None if observed is None else torch.from_numpy(observed).to(device)

        def chunks() -> Iterator[SetBatch]:
            """Each unit is read and featurised once a pass, and then goes to all its groups."""
            for index in track(sampler, "Embedding groups...", disable=len(sampler) < N_CHUNKS_WORTH_A_BAR):
                features = module.featurise(dataset[index][REGISTRY_KEYS.X_KEY].to(device), mask)
                pairs = [torch.from_numpy(values).to(device) for values in prior.members(index.rows)]
                for unit, group, weight in zip(*(values.split(batch_size) for values in pairs), strict=True):
                    yield SetBatch(features[unit], group, weight, len(prior))

        module.eval()
        return embed_chunks(module.encoder, chunks, len(prior)).numpy(force=True)
