import inspect
import os
import signal
import subprocess
import sys

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import pytest
import torch

import gde
from gde.model.training_state import TrainingState

DIE = """
import os, signal, sys
import lightning.pytorch as pl
import gde

class Die(pl.Callback):
    def on_train_batch_start(self, trainer, *args):
        if trainer.global_step == 10:
            os.kill(os.getpid(), int(sys.argv[2]))

make().train(checkpoint=sys.argv[1], callbacks=[Die()], **ARGUMENTS)
"""


def make():
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=40, n_genes=20)
    gde.setup_anndata(adata, group_key="donor", batch_key="batch")
    return gde.GDEModel(adata, n_latent=2, n_latent_unit=3, n_hidden=8, generator="cvae")


ARGUMENTS = {"max_epochs": 4, "limit_train_batches": 4, "batch_size": 64, "enable_progress_bar": False}


@pytest.fixture(scope="module")
def uninterrupted():
    model = make()
    model.train(**ARGUMENTS)
    return model


def _stopped_by(number, path):
    """What became of a run that got a signal in its third epoch."""
    code = inspect.getsource(make) + f"ARGUMENTS = {ARGUMENTS}" + DIE
    return subprocess.run([sys.executable, "-c", code, path, str(int(number))], capture_output=True, text=True)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """The file that a run left which was killed in its third epoch."""
    path = tmp_path_factory.mktemp("state") / "run.ckpt"
    done = _stopped_by(signal.SIGKILL, path)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return path


def _assert_same(model, wanted):
    assert model.is_trained and model.n_epochs_ == wanted.n_epochs_ == 4
    weights = wanted.module.state_dict()
    for name, value in model.module.state_dict().items():
        torch.testing.assert_close(value, weights[name], rtol=0, atol=1e-6, msg=name)
    assert model.history.keys() == wanted.history.keys()
    for name, losses in wanted.history.items():
        assert len(losses) == 4
        pd.testing.assert_frame_equal(model.history[name].astype(float), losses.astype(float), rtol=1e-6, atol=1e-6)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_run_that_was_killed_goes_on_as_if_it_had_not_been(killed, uninterrupted, tmp_path):
    model = make()
    model.train(resume_from=killed, checkpoint=tmp_path / "new.ckpt", **ARGUMENTS)
    _assert_same(model, uninterrupted)
    embeddings = model.get_group_embeddings(key_added=None)
    np.testing.assert_allclose(embeddings, uninterrupted.get_group_embeddings(key_added=None), atol=1e-6)
    assert os.listdir(tmp_path) == ["new.ckpt"] and len(TrainingState.read(tmp_path / "new.ckpt")["losses"]) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that can be caught")
def test_a_run_that_a_scheduler_ended_says_so_and_goes_on(uninterrupted, tmp_path):
    path = tmp_path / "run.ckpt"
    done = _stopped_by(signal.SIGTERM, path)
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    model = make()
    model.train(resume_from=path, **ARGUMENTS)
    _assert_same(model, uninterrupted)


def test_a_model_that_has_seen_other_things_becomes_that_of_the_file(killed, uninterrupted, tmp_path):
    path = tmp_path / "run.ckpt"
    path.write_bytes(killed.read_bytes())
    model = make()
    model.train(**(ARGUMENTS | {"max_epochs": 1}))
    model.train(resume_from=path, **ARGUMENTS)
    _assert_same(model, uninterrupted)
    assert len(TrainingState.read(path)["losses"]) == 4, "it goes on to keep its state there"
    model.train(resume_from=path, **ARGUMENTS)
    _assert_same(model, uninterrupted)


def test_more_training_of_a_trained_model_goes_on_too(uninterrupted, tmp_path):
    class Stop(pl.Callback):
        def on_validation_end(self, trainer, plan):
            if trainer.current_epoch == 2:
                raise OSError("no space left")

    straight, stopped = make(), make()
    for model in (straight, stopped):
        model.train(**(ARGUMENTS | {"max_epochs": 2}))
    straight.train(**ARGUMENTS)
    with pytest.raises(OSError, match="no space"):
        stopped.train(checkpoint=tmp_path / "run.ckpt", callbacks=[Stop()], **ARGUMENTS)
    stopped.train(resume_from=tmp_path / "run.ckpt", **ARGUMENTS)
    assert stopped.n_epochs_ == straight.n_epochs_ == 6
    for name, value in stopped.module.state_dict().items():
        torch.testing.assert_close(value, straight.module.state_dict()[name], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"max_epochs": 5}, "max_epochs was 4 and is 5"),
        ({"batch_size": 32}, "batch_size was 64 and is 32"),
        ({"plan_kwargs": {"lr": 1e-3}}, r"plan_kwargs was None and is \{'lr': 0.001\}"),
    ],
)
def test_another_run_is_refused_and_leaves_the_model_as_it_was(killed, uninterrupted, changed, message):
    with pytest.raises(ValueError, match=message):
        uninterrupted.train(resume_from=killed, **(ARGUMENTS | changed))
    assert uninterrupted.is_trained and uninterrupted.n_epochs_ == 4 and len(uninterrupted.trainings_) == 1


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no.ckpt.*writes one after each epoch"):
        make().train(resume_from=tmp_path / "no.ckpt")


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_truncated_file_is_refused(killed, tmp_path, share):
    content = killed.read_bytes()
    path = tmp_path / "run.ckpt"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match="damaged"):
        make().train(resume_from=path, **ARGUMENTS)


@pytest.mark.parametrize("content", [b"junk", b"", b"\x89HDF\r\n\x1a\n", b"{}", b"PK\x03\x04 and no more"])
def test_another_kind_of_file_is_refused(tmp_path, content):
    (tmp_path / "run.ckpt").write_bytes(content)
    with pytest.raises(ValueError, match="damaged, or was not written by"):
        make().train(resume_from=tmp_path / "run.ckpt")


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("is_zip", [True, False])
def test_nothing_in_a_file_is_run(tmp_path, is_zip):
    torch.save({"gde": Evil(tmp_path / "ran")}, tmp_path / "run.ckpt", _use_new_zipfile_serialization=is_zip)
    with pytest.raises(ValueError, match="damaged, or was not written by"):
        TrainingState.read(tmp_path / "run.ckpt")
    assert not (tmp_path / "ran").exists()
