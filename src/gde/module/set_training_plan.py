"""How the module is optimised."""

from collections.abc import Sequence
from typing import Any

import torch
from scvi.module.base import LossOutput
from scvi.train import TrainingPlan
from torch import Tensor

from gde.module.gde_module import GDEModule


class SetTrainingPlan(TrainingPlan):
    r"""scvi-tools' training plan with one-cycle AdamW, and a stop at the first loss that is not finite.

    The learning rate rises over the first tenth of the steps and then falls to zero along a cosine, while Adam's
    :math:`\beta_1` goes the other way, from 0.95 to 0.85 and back (Smith & Topin 2019, arXiv 1708.07120). So the weights at the end need no averaging.

    Parameters
    ----------
    module
        The module to train.
    group_names
        Name of each group code, for error messages.
    **kwargs
        Passed to :class:`scvi.train.TrainingPlan`.
    """

    def __init__(self, module: GDEModule, *, group_names: Sequence[str], **kwargs: Any):
        super().__init__(module, **kwargs)
        self.group_names = group_names
        self._good: tuple[int, dict[str, Tensor]] | None = (
            None  # an epoch, and weights from its start that gave a finite loss
        )
        self._sums: dict[str, dict[str, Any]] = {"train": {}, "validation": {}}  # of the losses in this epoch

    def forward(self, batch: dict[str, Any], **kwargs: Any) -> tuple[Any, Any, LossOutput]:
        """Pass a batch through the module; a loss that is not finite raises at once."""
        inference, generative, loss_output = super().forward(batch, **kwargs)
        if not torch.isfinite(loss_output.loss):
            raise FloatingPointError(self._explain(batch, loss_output))
        return inference, generative, loss_output

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Loss of a batch of training sets; weights that gave a finite loss at the start of an epoch are kept."""
        loss = self._step(batch, "train")
        if batch_idx == 0:
            weights = {name: value.detach().clone() for name, value in self.module.state_dict().items()}
            self._good = self.current_epoch, weights
        return loss * (batch["share"] * self.trainer.world_size)  # DDP takes the mean over processes

    def restore_good_weights(self) -> int:
        """Put the last weights in place that are known to be good, and return the number of epochs of this run that they have seen."""
        if self._good is None:
            return 0
        epoch, weights = self._good
        self.module.load_state_dict(weights)
        return epoch

    def on_train_epoch_end(self) -> None:
        """Log the mean losses of the epoch."""
        self._log_epoch("train")

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Add up the losses of held-out units."""
        self._step(batch, "validation")

    def on_validation_epoch_end(self) -> None:
        """Log the mean losses of held-out units."""
        self._log_epoch("validation")

    def configure_optimizers(self) -> dict[str, Any]:
        """One cycle of the learning rate over all steps of the run."""
        optimizer = self.get_optimizer_creator()([p for p in self.module.parameters() if p.requires_grad])
        for group in optimizer.param_groups:
            if "fused" in group:  # one call for all parameters instead of a dozen for each of them
                group["fused"] = True
        n_steps = int(self.trainer.estimated_stepping_batches)
        n_steps += n_steps == 10  # a tenth of which is one step, and torch divides by one step less
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.lr, total_steps=n_steps, pct_start=0.1)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    @property
    def use_sync_dist(self) -> bool:
        """Never: :meth:`_log_epoch` adds up over processes before it logs."""
        return False

    def _step(self, batch: dict[str, Any], mode: str) -> Tensor:
        # Validation is scored with the full weight from the start, so that its curve is of one thing.
        self.loss_kwargs["kl_weight"] = self.kl_weight if mode == "train" else self.max_kl_weight
        _, _, loss_output = self.forward(batch, loss_kwargs=self.loss_kwargs)
        # One of several processes has a share of the batch's sets, whose loss counts with the units of the whole batch.
        n_units = batch["share"] * batch["n_units_of_batch"]
        part = n_units / loss_output.n_obs_minibatch
        added = {name: n_units * value.detach() for name, value in loss_output.extra_metrics.items()}
        added |= {
            "loss": n_units * loss_output.loss.detach(),
            "reconstruction": part * loss_output.reconstruction_loss_sum.detach(),
            "kl": part * loss_output.kl_local_sum.detach(),
            "n_units": n_units,
        }
        sums = self._sums[mode]
        for name, value in added.items():
            sums[name] = sums.get(name, 0) + value
        return loss_output.loss

    def _log_epoch(self, mode: str) -> None:
        """Log what scvi-tools logs, from the sums of an epoch: to log every step costs a twentieth of its time."""
        sums, self._sums[mode] = self._sums[mode], {}
        if self.trainer.world_size > 1:
            sums = {
                name: self.trainer.strategy.reduce(torch.as_tensor(value), reduce_op="sum")
                for name, value in sums.items()
            }
        n_units = round(float(sums.pop("n_units")))
        loss, reconstruction, kl = (sums.pop(name) for name in ("loss", "reconstruction", "kl"))
        self.log(f"{mode}_loss", loss / n_units, prog_bar=True, batch_size=n_units)
        means = LossOutput(
            loss=loss / n_units,
            reconstruction_loss=reconstruction,
            kl_local=kl,
            extra_metrics={name: value / n_units for name, value in sums.items()},
            n_obs_minibatch=n_units,
        )
        self.compute_and_log_metrics(means, self.train_metrics if mode == "train" else self.val_metrics, mode)

    def _explain(self, batch: dict[str, Any], loss_output: LossOutput) -> str:
        terms = {"reconstruction": loss_output.reconstruction_loss_sum, "kl": loss_output.kl_local_sum}
        terms |= {name.removesuffix("_loss"): value for name, value in loss_output.extra_metrics.items()}
        culprits = [name for name, value in terms.items() if not torch.isfinite(value)] or ["total"]
        groups = sorted({self.group_names[code] for code in batch["label"].unique()})
        return (
            f"The loss is not finite at step {self.global_step}: {', '.join(culprits)} term. Groups in this batch: {', '.join(groups)}. "
            "Look for extreme values in these groups, or lower the learning rate: `train(plan_kwargs={'lr': 1e-3})`. "
            f"The model keeps the weights that it had after {self._good[0] if self._good else 0} epochs of this run."
        )
