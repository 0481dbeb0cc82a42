"""Groups to embeddings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from scipy.spatial.distance import cdist
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from scvi.utils import track

from gde.data import ChunkSampler, GroupRows, SetDataset
from gde.encoders import embed_chunks
from gde.model.query_manager import query_manager
from gde.model.registered_model import RegisteredModel
from gde.nn import SetBatch

N_CHUNKS_WORTH_A_BAR = 20


class EmbeddingMixin(RegisteredModel):
    """What a model says about groups."""

    def get_group_embeddings(
        self,
        adata: AnnData | None = None,
        *,
        key_added: str | None = "gde",
        allow_missing_genes: bool = False,
        batch_size: int = 4096,
    ) -> pd.DataFrame:
        """Embed each group from all its units, chunk by chunk.

        Groups that were never seen are embedded without training. Genes in another order are aligned.

        Parameters
        ----------
        adata
            AnnData with the columns and the layer that the model was set up with; None: the one that the model was made with.
        key_added
            Where in ``.uns`` the result goes: ``embeddings`` (the DataFrame), ``n_units`` (of each group) and ``params``. None writes nothing.
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
        ValueError
            If genes are missing or values do not fit the likelihood.

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
        ['embeddings', 'n_units', 'params']
        """
        target = self.adata if adata is None else adata
        manager, observed = self._query(adata, allow_missing_genes)
        codes = np.asarray(manager.get_from_registry(REGISTRY_KEYS.SAMPLE_KEY)).ravel()
        groups = GroupRows(codes)
        z = self._embed(manager, groups, observed, batch_size)
        names = manager.get_state_registry(REGISTRY_KEYS.SAMPLE_KEY).categorical_mapping[groups.codes]
        embeddings = pd.DataFrame(
            z, index=pd.Index([str(name) for name in names]), columns=[f"gde_{i}" for i in range(z.shape[1])]
        )
        if key_added is not None:
            params = self._describe() | {"n_missing_genes": 0 if observed is None else int((~observed).sum())}
            target.uns[key_added] = {"embeddings": embeddings, "n_units": groups.sizes, "params": params}
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
            self.group_keys,
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

    def _embed(
        self, manager: AnnDataManager, groups: GroupRows, observed: np.ndarray | None, batch_size: int
    ) -> np.ndarray:
        """Embeddings of groups, in the order of ``groups.codes``."""
        module, device = self.module, self.module.device
        dataset, sampler = SetDataset(manager, [REGISTRY_KEYS.X_KEY]), ChunkSampler(groups, batch_size=batch_size)
        mask = None if observed is None else torch.from_numpy(observed).to(device)
        order = torch.from_numpy(groups.codes)

        def chunks() -> Iterator[SetBatch]:
            for index in track(sampler, "Embedding groups...", disable=len(sampler) < N_CHUNKS_WORTH_A_BAR):
                tensors = dataset[index]
                features = module.featurise(tensors[REGISTRY_KEYS.X_KEY].to(device), mask)
                group = torch.searchsorted(order, tensors["label"])[tensors["set_of_unit"]].to(device)
                yield SetBatch(features, group, features.new_ones(len(group)), len(groups))

        module.eval()
        return embed_chunks(module.encoder, chunks, len(groups)).numpy(force=True)
