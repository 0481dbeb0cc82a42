import numpy as np
import pytest

import gde


def test_real_cells_get_their_own_labels_back(trained):
    new = trained.adata.copy()
    truth = new.obs.pop("cell_type")
    found = gde.tl.transfer_labels(trained, new)
    assert (new.obs["cell_type"].astype(str) == truth.astype(str)).mean() > 0.9
    assert found.attrs["accuracy"] > 0.8 and np.allclose(found.sum(1), 1)
    assert list(new.obs["cell_type"].cat.categories) == list(truth.cat.categories)


def test_genes_are_matched_by_name_and_shares_of_generated_cells_are_like_those_of_real_ones(trained):
    new = trained.generate(seed=0)[:, ::-1].copy()
    gde.tl.transfer_labels(trained, new)
    shares, real = (data.obs["cell_type"].value_counts(normalize=True) for data in (new, trained.adata))
    assert (shares - real).abs().max() < 0.1


def test_what_is_not_there_is_refused(trained):
    new = trained.generate(groups=["D01"], n_units=3)
    with pytest.raises(KeyError, match="`by`: 'celltype'"):
        gde.tl.transfer_labels(trained, new, "celltype")
    with pytest.raises(ValueError, match="fewer than 2 labels"):
        gde.tl.transfer_labels(trained, new, adata=trained.adata[trained.adata.obs["cell_type"] == "type0"].copy())
    with pytest.raises(ValueError, match="`new` lacks 1 of the model's"):
        gde.tl.transfer_labels(trained, new[:, 1:].copy())
    for arguments, message in [
        (("model", new), "`model` must be a trained"),
        ((trained, "new"), "`new` must be an AnnData"),
        ((trained, new, ["cell_type"]), "`by` must be a name"),
    ]:
        with pytest.raises(TypeError, match=message):
            gde.tl.transfer_labels(*arguments)
    with pytest.raises(ValueError, match="`seed` must be at least 0"):
        gde.tl.transfer_labels(trained, new, seed=-1)
