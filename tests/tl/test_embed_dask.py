import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import scipy.sparse as sp

import gde

array = pytest.importorskip("dask.array")
pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def models(cohort, fit):
    adata = cohort[::4].copy()
    return {encoder: fit(adata.copy(), encoder=encoder) for encoder in ("deep_sets", "attention")}


def _chunked(X, n_rows):
    return array.from_array(X.toarray(), chunks=(n_rows, -1)).map_blocks(sp.csr_matrix, meta=sp.csr_matrix((0, 0)))


@pytest.mark.parametrize("encoder", ["deep_sets", "attention"])
@pytest.mark.parametrize("is_sparse", [True, False])
def test_threads_give_the_embeddings_that_one_process_gives(models, encoder, is_sparse):
    model = models[encoder]
    X = model.adata.X
    units = _chunked(X, 100) if is_sparse else array.from_array(X.toarray(), chunks=(100, 50))
    found = gde.tl.embed_dask(model, units, model.adata.obs)
    wanted = model.get_group_embeddings(key_added=None)
    pd.testing.assert_frame_equal(found, wanted.loc[found.index], atol=1e-5, rtol=0)
    assert len(found) == len(wanted)


def test_two_processes_give_the_embeddings_that_one_gives():
    script = Path(__file__).with_name("embed_on_processes.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    n_workers, difference = done.stdout.split()[-2:]
    assert n_workers == "2" and float(difference) < 1e-5


def test_what_does_not_fit_is_refused(models):
    model = models["deep_sets"]
    with pytest.raises(ValueError, match=r"a column for each of the model's genes"):
        gde.tl.embed_dask(model, _chunked(model.adata.X[:, :5], 60), model.adata.obs)
