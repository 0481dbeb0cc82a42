"""Train a tiny model, and kill the process that saves it (SIGKILL) at each thing that it does with files; run by ``test_saving_mixin.py``."""

import os
import shutil
import signal
import sys
from pathlib import Path

import torch

import gde

WATCHED = {"open", "os.mkdir", "os.rename", "os.remove"}


def save_and_die(model: gde.GDEModel, folder: Path, n_events: int) -> None:
    """In this process: save, and die at the ``n_events``-th event that has to do with files."""
    left = [n_events]

    def count(event: str, args: tuple) -> None:
        if event in WATCHED:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    model.save(folder, overwrite=True)
    os._exit(0)


def was_killed(pid: int) -> bool:
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def main(root: Path) -> None:
    torch.set_num_threads(1)  # a forked process has none of its parent's threads, and would wait for them
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=10, n_genes=10)
    gde.setup_anndata(adata, group_key="donor")
    model = gde.GDEModel(adata, n_latent=2, n_latent_unit=2, n_hidden=4)
    model.save(root / "old")
    old = {name: value.clone() for name, value in model.module.state_dict().items()}
    with torch.no_grad():
        for parameter in model.module.parameters():
            parameter += 1
    new = model.module.state_dict()

    found = []
    for n_events in range(1, 1000):
        shutil.rmtree(root / "folder", ignore_errors=True)
        shutil.copytree(root / "old", root / "folder")
        if not (pid := os.fork()):
            save_and_die(model, root / "folder", n_events)
        killed = was_killed(pid)
        weights = gde.GDEModel.load(root / "folder", adata=adata).module.state_dict()
        is_old, is_new = (
            all(torch.equal(weights[name], value) for name, value in wanted.items()) for wanted in (old, new)
        )
        assert is_old != is_new
        found.append("new" if is_new else "old")
        if not killed:
            break
    print(len(found) - 1, "kills:", *found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
