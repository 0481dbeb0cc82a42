"""Is a model of one modality as fast as before there were several?"""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

COMMITS = {"before": "ae9c7bb", "first with": "d42477b"}  # models of several modalities
SPEED = """
import logging, time, warnings
import gde, scvi
warnings.simplefilter("ignore")
scvi.settings.verbosity = logging.ERROR
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
adata = gde.datasets.simulate_cohort(n_donors=20, n_units=250, n_genes=1000, seed=0)
gde.setup_anndata(adata, group_key="donor")
model = gde.GDEModel(adata, seed=0)
options = {"max_epochs": 1, "enable_progress_bar": False, "accelerator": "cpu"}
model.train(limit_train_batches=3, **options)
start = time.process_time()
model.train(limit_train_batches=30, **options)
trained = time.process_time()
for _ in range(3):
    model.get_group_embeddings()
print(f"times {trained - start} {time.process_time() - trained}")
"""


def unimodal_speed(repeats: int) -> dict[str, list[list[float]]]:
    """CPU seconds of training and of embedding a model of RNA alone, before there were modalities and now, measured in turn."""
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as folder:
        sources = {"now": root / "src"}
        for name, commit in COMMITS.items():
            archive = subprocess.run(
                ["git", "archive", commit, "src"], cwd=root, check=True, capture_output=True
            ).stdout
            tarfile.open(fileobj=io.BytesIO(archive)).extractall(Path(folder) / name, filter="data")
            sources[name] = Path(folder) / name / "src"
        times: dict[str, list[list[float]]] = {name: [] for name in sources}
        for _ in range(repeats):
            for name, source in sources.items():
                run = subprocess.run(
                    [sys.executable, "-c", SPEED],
                    env=os.environ | {"PYTHONPATH": str(source)},
                    check=True,
                    capture_output=True,
                    text=True,
                )
                line = next(line for line in run.stdout.splitlines() if line.startswith("times"))
                times[name].append([float(number) for number in line.split()[1:]])
    return times
