import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import gde
from tests.model.train_on_processes import ARGUMENTS, Steps, make


@pytest.fixture(scope="module")
def alone():
    """A model that one process has trained, and its steps."""
    model, steps = make(), Steps()
    model.train(callbacks=[steps], **ARGUMENTS)
    return model, steps


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What two processes have written."""
    folder = tmp_path_factory.mktemp("ddp")
    script = Path(__file__).with_name("train_on_processes.py")
    done = subprocess.run([sys.executable, script, folder], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_sets_are_dealt_out_and_the_losses_are_those_of_one_process(alone, folder):
    _, steps = alone
    parts = [np.load(folder / f"process{number}.npz") for number in range(2)]
    assert len(steps.losses) == 20
    np.testing.assert_allclose(np.mean([part["losses"] for part in parts], axis=0), steps.losses, rtol=1e-4)
    assert not np.allclose(parts[0]["losses"], parts[1]["losses"]), "each has sets of its own"
    for step, seeds in enumerate(steps.seeds):
        dealt = np.concatenate([part[f"seeds{step}"] for part in parts])
        assert sorted(dealt) == sorted(seeds), "each set once"


def test_the_history_is_that_of_one_process(alone, folder):
    history = np.load(folder / "history.npz")
    for name, values in alone[0].history.items():
        np.testing.assert_allclose(history[name], values.to_numpy(float), rtol=1e-4, err_msg=name)


def test_the_model_loads_in_one_process(alone, folder):
    model = alone[0]
    loaded = gde.GDEModel.load(folder / "model", adata=model.adata)
    for name, value in loaded.module.state_dict().items():
        torch.testing.assert_close(value, model.module.state_dict()[name], rtol=1e-3, atol=1e-3)
    wanted = model.get_group_embeddings(key_added=None)
    np.testing.assert_allclose(loaded.get_group_embeddings(key_added=None), wanted, atol=1e-2)


def test_one_process_resumes_what_two_have_begun(alone, folder):
    resumed = make()
    resumed.train(resume_from=folder / "run.ckpt", **ARGUMENTS)
    loaded = gde.GDEModel.load(folder / "model", adata=False)
    for name, value in loaded.module.state_dict().items():
        torch.testing.assert_close(resumed.module.state_dict()[name], value, rtol=0, atol=1e-6)
