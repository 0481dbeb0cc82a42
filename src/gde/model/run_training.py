"""Training that leaves a usable model, however it ends."""

import signal

import scvi.train
from lightning.pytorch.utilities.exceptions import SIGTERMException
from scvi.train import TrainRunner

from gde.model.registered_model import RegisteredModel
from gde.model.save_checkpoint import SaveCheckpoint


def run_training(model: RegisteredModel, runner: TrainRunner) -> None:
    """Run a training, and put the model in order whatever stops it.

    After a loss that is not finite the model has the last good weights, which :class:`gde.module.SetTrainingPlan` kept; after an interrupt or
    any other error those of the last step. Lightning turns an interrupt into the end of the process; here it stays an interrupt, so that a
    notebook goes on and a script stops. After SIGTERM, which schedulers send to make room, the process ends with status 143 and not, as Lightning
    has it, with that of success.

    Parameters
    ----------
    model
        The model, whose ``n_epochs_`` counts on.
    runner
        What trains it.

    Raises
    ------
    ValueError
        If a callback would have to read a pickle.
    KeyboardInterrupt
        If the user interrupts.
    SystemExit
        If the process gets SIGTERM.
    """
    _check_callbacks(runner)
    before, was_trained = model.n_epochs_, model.is_trained
    try:
        runner()
        model.n_epochs_ = before + runner.trainer.current_epoch
    except BaseException as error:
        n_epochs = _restore(runner, error)
        model.n_epochs_ = before + n_epochs
        model.is_trained_ = was_trained or n_epochs > 0
        model.train_indices, model.validation_indices = runner.data_splitter.train_idx, runner.data_splitter.val_idx
        model.to_device(runner.device)
        model.module.eval()
        if isinstance(error, SIGTERMException):
            error.code = 128 + signal.SIGTERM
        if isinstance(error, SystemExit) and isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt(
                f"Training was interrupted in epoch {n_epochs}. The model has the weights of the last step: use it, save it, or go on with `train`."
            ) from None
        raise
    finally:
        runner.data_splitter.release()


def _restore(runner: TrainRunner, error: BaseException) -> int:
    """Put good weights in place, and say how many epochs they have seen, the last of them perhaps in part."""
    if isinstance(error, FloatingPointError):
        return runner.training_plan.restore_good_weights()
    return runner.trainer.current_epoch + (runner.trainer.global_step > 0)


def _check_callbacks(runner: TrainRunner) -> None:
    for callback in runner.trainer.callbacks:
        if isinstance(callback, scvi.train.SaveCheckpoint) and not isinstance(callback, SaveCheckpoint):
            if callback.load_best_on_end or callback.check_nan_gradients:
                raise ValueError(
                    "`callbacks`: to load the best weights, scvi-tools' SaveCheckpoint reads a pickle, which gde's files have none of. Use "
                    "`gde.model.SaveCheckpoint`, which takes the same arguments."
                )
