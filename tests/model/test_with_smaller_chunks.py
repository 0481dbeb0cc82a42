import subprocess
import sys

import pytest
import torch

from gde.model.with_smaller_chunks import with_smaller_chunks

# Chunks of 200,000 units need 160 MB for one layer; 80 MB are left.
EMBED_IN_LITTLE_MEMORY = """
import resource, warnings
import anndata as ad, numpy as np, pandas as pd
import gde

rng = np.random.default_rng(0)
obs = pd.DataFrame({"donor": rng.choice(["a", "b"], 200_000)})
adata = ad.AnnData(obs=obs.set_axis(obs.index.astype(str)), obsm={"X_pca": rng.normal(size=(200_000, 2)).astype(np.float32)})
gde.setup_anndata(adata, group_key="donor", obsm_key="X_pca")
model = gde.GDEModel(adata, n_latent=2, n_hidden=200)
model.train(max_epochs=1, limit_train_batches=1, batch_size=64, validation_size=0, enable_progress_bar=False)
expected = model.get_group_embeddings(key_added=None)

size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 80 * 2**20,) * 2)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    found = model.get_group_embeddings(key_added=None, batch_size=200_000)
np.testing.assert_allclose(found, expected, atol=1e-5)
print([str(warning.message) for warning in caught if "Not enough memory" in str(warning.message)])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on memory")
def test_embedding_goes_on_with_smaller_chunks_when_memory_runs_out():
    done = subprocess.run([sys.executable, "-c", EMBED_IN_LITTLE_MEMORY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "starting again with chunks of 100000 units" in done.stdout


@pytest.mark.parametrize("error", [MemoryError, torch.OutOfMemoryError])
def test_it_halves_until_memory_suffices_and_says_so(error):
    def run(n_units):
        sizes.append(n_units)
        if n_units > 10:
            raise error
        return n_units

    sizes = []
    with pytest.warns(UserWarning, match="Not enough memory"):
        assert with_smaller_chunks(run, 45) == 5
    assert sizes == [45, 22, 11, 5]


@pytest.mark.parametrize("error", [MemoryError("one unit is too much"), RuntimeError("a bug")])
def test_an_error_that_smaller_chunks_do_not_cure_is_raised(error):
    def run(n_units):
        raise error

    with pytest.raises(type(error), match=str(error)):
        with_smaller_chunks(run, 1)
