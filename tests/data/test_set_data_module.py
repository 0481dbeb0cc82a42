import numpy as np
import pytest

import gde
from gde.data import SetDataModule


def _data(adata, setup=None, **kwargs):
    gde.setup_anndata(adata, **(setup or {"group_key": "donor"}))
    model = gde.GDEModel(adata, n_latent=2, n_hidden=4)
    return SetDataModule(model.adata_manager, model.labels, **kwargs)


def _donors(adata, loader):
    names = adata.obs["donor"].cat.categories
    return {names[code] for tensors in loader for code in tensors["label"].tolist()}


def test_training_and_validation_share_no_unit(adata):
    data = _data(adata)
    assert (data.n_train, data.n_val) == (len(data.train_idx), len(data.val_idx))
    assert sorted([*data.train_idx, *data.val_idx]) == list(range(adata.n_obs))


def test_train_loader_gives_training_units_of_all_groups(adata):
    adata.X = np.arange(adata.n_obs, dtype=np.float32)[:, None] * np.ones(
        (1, adata.n_vars), np.float32
    )  # names its row
    data = _data(adata, batch_size=64)
    rows = np.concatenate([tensors["X"][:, 0].numpy().astype(int) for tensors in data.train_dataloader()])
    assert set(rows) <= set(data.train_idx)
    assert len(data.train_dataloader()) == data.n_batches >= data.n_train / 64
    chunks = np.concatenate([tensors["X"][:, 0].numpy().astype(int) for tensors in data.train_chunks()])
    assert sorted(chunks) == data.train_idx.tolist()
    held_out = np.concatenate([tensors["X"][:, 0].numpy().astype(int) for tensors in data.val_dataloader()])
    assert sorted(held_out) == data.val_idx.tolist()


def test_groups_that_are_held_out_come_in_validation_only(adata):
    data = _data(adata, validation="groups", validation_size=0.5)
    train, held_out = _donors(adata, data.train_dataloader()), _donors(adata, data.val_dataloader())
    assert len(train) == len(held_out) == 2 and not train & held_out


def test_nothing_held_out_gives_no_validation_loader(adata):
    data = _data(adata, validation_size=0)
    assert data.n_val == 0 and data.val_dataloader() == []


@pytest.mark.parametrize("validation", ["cells", "groups"])
def test_weights_of_groups_are_in_the_order_of_the_registry(adata, validation):
    data = _data(adata, validation=validation, group_prior=[0, 0, 1, 1])
    assert _donors(adata, data.train_dataloader()) <= set(adata.obs["donor"].cat.categories[2:])


@pytest.mark.parametrize("validation", ["cells", "groups"])
def test_labels_that_share_units_are_validated_on_held_out_units_in_the_same_sets_each_time(adata, validation):
    adata.X = np.arange(adata.n_obs, dtype=np.float32)[:, None] * np.ones((1, adata.n_vars), np.float32)
    adata.obs["age"] = adata.obs["age"].round(-1)
    data = _data(
        adata, setup={"group_key": "age", "group_kind": "continuous"}, validation=validation, validation_size=0.3
    )
    rows = [
        np.concatenate([tensors["X"][:, 0].numpy().astype(int) for tensors in loader])
        for loader in (data.train_dataloader(), data.val_dataloader(), data.val_dataloader())
    ]
    assert set(rows[0]) <= set(data.train_idx) and set(rows[1]) <= set(data.val_idx)
    np.testing.assert_array_equal(rows[1], rows[2])
    labels = [
        {label for tensors in loader for label in tensors["label"].tolist()}
        for loader in (data.train_dataloader(), data.val_dataloader())
    ]
    assert bool(labels[0] & labels[1]) == (validation == "cells")


@pytest.mark.parametrize("prior", [[1, 2, 3], 5.0, [[1, 1, 1, 1]]])
def test_weights_of_another_number_of_groups_are_refused(adata, prior):
    with pytest.raises(ValueError, match="4 weights, one per group"):
        _data(adata, group_prior=prior)


def _labels_by_donor(adata, loader):
    """Labels that a loader shows of each donor's sets; None where there are none."""
    found = {}
    for tensors in loader:
        for number, code in enumerate(tensors["label"].tolist()):
            labels = tensors["unit_label"][tensors["set_of_unit"] == number].unique()
            found.setdefault(adata.obs["donor"].cat.categories[code], set()).update(
                None if np.isnan(label) else label for label in labels.tolist()
            )
    return found


@pytest.mark.parametrize("validation", ["cells", "groups"])
def test_a_label_is_shown_in_training_or_in_validation_never_in_both(adata, validation):
    phenotype = {"D1": "ill", "D2": "ill", "D3": "well", "D4": "well"}
    adata.obs["phenotype"] = adata.obs["donor"].astype(str).map(phenotype)
    data = _data(
        adata, {"group_key": "donor", "labels_key": "phenotype"}, validation=validation, validation_size=0.5, mixing=0
    )
    seen, unseen = (_labels_by_donor(adata, load()) for load in (data.train_dataloader, data.val_dataloader))
    learnt = {donor for donor, labels in seen.items() if labels != {None}}
    assert len(learnt) == len(data.train_labels) == len(data.held_out_labels) == 2
    assert all(unseen[donor] == {None} for donor in learnt & set(unseen))
    assert all(unseen[donor] == {float(phenotype[donor] == "well")} for donor in set(phenotype) - learnt)
    assert set(seen) == (set(phenotype) if validation == "cells" else learnt)
