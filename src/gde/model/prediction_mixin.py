"""Groups to the class or the number that labels say of some of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from scvi import REGISTRY_KEYS

from gde.data import SetDataModule
from gde.model.embedding_mixin import EmbeddingMixin
from gde.module import LabelHead


class PredictionMixin(EmbeddingMixin):
    """What a model that was set up with ``labels_key`` says of groups."""

    def predict(
        self,
        adata: AnnData | None = None,
        *,
        groups: Sequence[Any] | None = None,
        allow_missing_genes: bool = False,
        batch_size: int = 4096,
    ) -> pd.DataFrame:
        """Class or number of each group, also of groups that training did not see.

        Parameters
        ----------
        adata, groups, allow_missing_genes, batch_size
            See :meth:`get_group_embeddings`. No labels are needed, and none are looked at.

        Returns
        -------
        For classes, the probabilities of groups × classes, as if all classes were equally frequent: multiply by other frequencies and divide by the
        sum for those. They are calibrated by a temperature if training held out labels (:class:`gde.module.LabelHead`). For a number, its mean in
        the column of the label's name.

        Raises
        ------
        RuntimeError
            If the model is not trained.
        ValueError
            If it was set up without ``labels_key``.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=6, n_units=30, n_genes=50)
        >>> adata.obs["condition"] = adata.obs["condition"].astype(str).where(adata.obs["donor"] != "D1", "unknown")
        >>> gde.setup_anndata(adata, group_key="donor", labels_key="condition", unlabeled_category="unknown")
        >>> model = gde.GDEModel(adata, n_latent=4, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> list(model.predict().columns)
        ['disease', 'healthy']
        """
        head = self.module.head
        if head is None:
            raise ValueError(
                "This model knows no labels: name their column in `setup_anndata(..., labels_key=)`, make a model and train it."
            )
        z = self.get_group_embeddings(
            adata, groups=groups, key_added=None, allow_missing_genes=allow_missing_genes, batch_size=batch_size
        )
        with torch.inference_mode():
            found = head(torch.from_numpy(z.to_numpy(np.float32)).to(self.module.device)).numpy(force=True)
        columns = [self._setup_args["labels_key"]] if self._classes is None else [str(name) for name in self._classes]
        return pd.DataFrame(found, index=z.index, columns=columns)

    @property
    def _classes(self) -> np.ndarray | None:
        return self._state(REGISTRY_KEYS.LABELS_KEY)["classes"]

    def _new_head(self, n_latent: int) -> LabelHead | None:
        """What predicts labels, if there are any."""
        if REGISTRY_KEYS.LABELS_KEY not in self.registry_["field_registries"]:
            return None
        return LabelHead(n_latent, 0 if self._classes is None else len(self._classes))

    def _fit_temperature(self, data: SetDataModule) -> None:
        """Calibrate predictions by groups whose labels training did not see."""
        if self.module.head is None:
            return
        if not data.held_out_labels:
            if self.module.head.n_classes and data.n_val:
                _warn_if_uncalibrated(data)
            return
        codes, labels = (np.array(values) for values in zip(*data.held_out_labels.items(), strict=True))
        rows = np.flatnonzero(np.isin(self.labels.codes(self.adata_manager), codes))
        prior = self.labels.prior(self.adata_manager, rows)
        z = self._embed(self.adata_manager, prior, None, 4096)
        known = torch.from_numpy(labels[np.searchsorted(codes, prior.codes)]).to(self.module.device, torch.float32)
        self.module.head.fit_temperature(torch.from_numpy(z).to(self.module.device), known)


def _warn_if_uncalibrated(data: SetDataModule) -> None:
    fewest = int(np.unique(list(data.train_labels.values()), return_counts=True)[1].min())
    warnings.warn(
        "No label was held out of training, so the probabilities of `predict` are not calibrated, and too sure: the smallest class has "
        f"{fewest} labelled group(s), of which `validation_size` takes less than one. Raise it, or label more groups.",
        UserWarning,
        stacklevel=4,
    )
