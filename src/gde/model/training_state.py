"""Training that can go on after it was stopped."""

from __future__ import annotations

import io
import os
import pickle
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.callbacks import Checkpoint

KEY = "gde"
# What torch raises for files that are cut, changed or something else.
DAMAGED = (
    pickle.UnpicklingError,
    struct.error,
    RuntimeError,
    EOFError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


class TrainingState(Checkpoint):
    """Lightning's checkpoint in one file, which is replaced after each epoch in one step: whatever stops a run, the file is whole.

    Sets and noise are functions of seed, epoch and position, so weights, optimizer, schedule and the number of epochs are all that a run has to know
    to go on as if it had not been stopped. The losses of each epoch come along for ``history``.

    Parameters
    ----------
    path
        The file to write; None writes none.
    settings
        What must be the same for a run to go on, by the name that the user knows.
    first_epoch
        Number of epochs that the model had been trained before this run.
    """

    def __init__(self, path: str | os.PathLike[str] | None, settings: Mapping[str, Any], first_epoch: int):
        if not isinstance(path, str | os.PathLike | None):
            raise TypeError(f"`checkpoint` must be the path of a file, got {path!r}.")
        self._path = None if path is None else Path(path)
        self._settings = {name: str(value) for name, value in settings.items()}
        self._first_epoch = first_epoch
        self._losses: list[dict[str, float]] = []

    @staticmethod
    def read(path: str | os.PathLike[str]) -> dict[str, Any]:
        """What a file says of its run: ``settings``, ``first_epoch`` and ``losses``. Nothing in the file is run.

        Raises
        ------
        FileNotFoundError
            If it is not there.
        ValueError
            If it is not such a file, or damaged.
        """
        if not isinstance(path, str | os.PathLike):
            raise TypeError(f"`resume_from` must be the path of a file, got {path!r}.")
        if not Path(path).is_file():
            raise FileNotFoundError(
                f"`resume_from`: there is no file {path}. `train(checkpoint=...)` writes one after each epoch."
            )
        try:
            return torch.load(io.BytesIO(Path(path).read_bytes()), map_location="cpu", weights_only=True)[KEY]
        except DAMAGED as error:
            raise ValueError(
                f"`resume_from`: {path} is damaged, or was not written by `train(checkpoint=...)`. Begin again without it."
            ) from error

    def check(self, saved: Mapping[str, Any]) -> None:
        """Raise an error if the run of a file is another one than this."""
        was = saved["settings"]
        differing = [name for name, value in self._settings.items() if was.get(name) != value]
        if differing:
            changes = ", ".join(f"{name} was {was.get(name)} and is {self._settings[name]}" for name in differing)
            raise ValueError(
                f"`resume_from` goes on with the run that was stopped, so everything must be as it was: {changes}. To train the model "
                "further in another way, load it and call `train` without `resume_from`."
            )

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write the file."""
        self._losses.append({name: float(value) for name, value in trainer.callback_metrics.items()})
        if self._path is not None:
            trainer.save_checkpoint(self._path)

    def on_save_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        """Add what Lightning does not know."""
        checkpoint[KEY] = {"settings": self._settings, "first_epoch": self._first_epoch, "losses": self._losses}

    def on_load_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        """Log the losses of the epochs that are done."""
        self._losses = checkpoint[KEY]["losses"]
        for epoch, losses in enumerate(self._losses):
            trainer.logger.log_metrics(losses | {"epoch": epoch}, step=epoch)
