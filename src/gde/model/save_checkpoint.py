"""Models saved in training."""

from typing import Any

import scvi.train

from gde.model.model_folder import ModelFolder
from gde.model.read_weights import read_weights


class SaveCheckpoint(scvi.train.SaveCheckpoint):
    """scvi-tools' checkpoints, for models whose files are no pickles: the model is saved in training whenever the monitored loss is at its best.

    Parameters
    ----------
    **kwargs
        As for :class:`scvi.train.SaveCheckpoint`: ``dirpath``, ``monitor``, ``load_best_on_end``, …

    Examples
    --------
    >>> import tempfile
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=4, n_hidden=16)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     best = gde.model.SaveCheckpoint(dirpath=folder, monitor="validation_loss", load_best_on_end=True)
    ...     model.train(max_epochs=2, callbacks=[best], enable_checkpointing=True, enable_progress_bar=False)
    ...     gde.GDEModel.load(best.best_model_path, adata=False).is_trained
    True
    """

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Load the best weights, if asked for."""
        if self.load_best_on_end:
            pl_module.module.load_state_dict(read_weights(ModelFolder(self.best_model_path)))

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Nothing: :meth:`gde.GDEModel.train` keeps the last good weights by itself."""
