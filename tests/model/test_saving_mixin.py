import hashlib
import io
import json
import pickle
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import gde
from gde.encoders import DeepSets, KernelMean, SetEncoder
from gde.generators import FlowMatching
from gde.model.model_folder import ModelFolder
from gde.model.read_document import hash_content
from gde.nn import MLP

COVARIATES = {"batch_key": "batch", "categorical_covariate_keys": ["cell_type"], "continuous_covariate_keys": ["age"]}


class Averages(SetEncoder):
    """A set encoder from outside gde."""

    def __init__(self, n_features: int, n_latent: int, *, scale: np.ndarray):
        super().__init__(n_features, n_latent)
        self.scale = scale
        self.net = MLP(n_features, n_latent)

    def features(self, units, means, set_of_unit):
        return units * torch.from_numpy(self.scale).to(units)

    def head(self, means):
        return self.net(means[0])


AVERAGES = f"{__name__}.Averages"


def _embed(model, adata=None):
    return model.get_group_embeddings(adata, key_added=None)


def _assert_same(loaded, model, **generate):
    pd.testing.assert_frame_equal(_embed(loaded), _embed(model), check_exact=True)
    new, expected = loaded.generate(n_units=5), model.generate(n_units=5)
    assert (new.X != expected.X).nnz == 0
    pd.testing.assert_frame_equal(new.obs, expected.obs)


# What a folder holds


def test_a_folder_holds_json_and_tensors_alone(fit, adata, tmp_path):
    fit(adata).save(tmp_path / "model", save_anndata=True)
    names = sorted(path.name.partition("-")[2] or path.name for path in (tmp_path / "model").iterdir())
    assert names == ["adata.h5ad", "arrays.npz", "model.json", "weights.safetensors"]
    document = json.loads((tmp_path / "model" / "model.json").read_text())
    assert document["format"] == 1 and document["versions"]["torch"] == version("torch")
    assert all(not path.read_bytes().startswith(b"\x80") for path in (tmp_path / "model").iterdir()), "no pickle"


def test_all_that_a_model_is_comes_back(fit, adata, tmp_path):
    model = fit(adata, COVARIATES, {"max_epochs": 3}, seed=5)
    model.embedding_range_ = {"low": np.array([0.1, -1]), "is_open": True}
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=adata.copy())
    for name in model.history:
        pd.testing.assert_frame_equal(loaded.history[name], model.history[name].astype(loaded.history[name].dtypes))
    np.testing.assert_array_equal(loaded.train_indices, model.train_indices)
    np.testing.assert_array_equal(loaded.embedding_range_["low"], model.embedding_range_["low"])
    assert (loaded.seed_, loaded.n_epochs_, loaded.is_trained, loaded.embedding_range_["is_open"]) == (5, 3, True, True)
    assert loaded.init_params_ == model.init_params_ and loaded.run_name == model.run_name
    _assert_same(loaded, model)


def test_a_loaded_model_can_be_saved_again(fit, adata, tmp_path):
    model = fit(adata, COVARIATES)
    model.save(tmp_path / "one")
    gde.GDEModel.load(tmp_path / "one", adata=False).save(tmp_path / "two")
    _assert_same(gde.GDEModel.load(tmp_path / "two", adata=adata.copy()), model)


def test_two_models_share_a_folder_by_their_prefixes(fit, adata, tmp_path):
    one, two = fit(adata.copy()), fit(adata.copy(), seed=1)
    one.save(tmp_path, prefix="one_", overwrite=True)
    two.save(tmp_path, prefix="two_", overwrite=True)
    _assert_same(gde.GDEModel.load(tmp_path, adata=adata.copy(), prefix="one_"), one)
    _assert_same(gde.GDEModel.load(tmp_path, adata=adata.copy(), prefix="two_"), two)


def test_a_folder_is_replaced_only_if_that_is_asked_for(fit, adata, tmp_path):
    model = fit(adata)
    with pytest.raises(ValueError, match=r"exists.*`overwrite=True`"):
        model.save(tmp_path)
    assert not any(tmp_path.iterdir())
    model.save(tmp_path, overwrite=True)
    model.train(max_epochs=1, limit_train_batches=2, enable_progress_bar=False)
    model.save(tmp_path, overwrite=True)
    _assert_same(gde.GDEModel.load(tmp_path, adata=adata.copy()), model)


def test_the_registry_can_be_read_by_itself(fit, adata, tmp_path, capsys):
    model = fit(adata, COVARIATES)
    model.save(tmp_path / "model")
    registry = gde.GDEModel.load_registry(tmp_path / "model")
    np.testing.assert_array_equal(
        registry["field_registries"]["sample"]["state_registry"]["categorical_mapping"],
        adata.obs["donor"].cat.categories,
    )
    assert registry["setup_args"] == model.registry["setup_args"]
    gde.GDEModel.view_setup_args(tmp_path / "model")
    assert "group_key" in capsys.readouterr().out


def test_numbers_as_groups_keep_their_type(fit, adata, tmp_path):
    adata.obs["donor"] = adata.obs["donor"].cat.codes.astype(np.int32)
    model = fit(adata)
    model.save(tmp_path / "model")
    mapping = gde.GDEModel.load_registry(tmp_path / "model")["field_registries"]["sample"]["state_registry"]
    np.testing.assert_array_equal(
        mapping["categorical_mapping"],
        model.registry["field_registries"]["sample"]["state_registry"]["categorical_mapping"],
    )
    _assert_same(gde.GDEModel.load(tmp_path / "model", adata=adata.copy()), model)


# Which AnnData


def test_without_an_anndata_it_is_loaded_with_a_warning_or_silently_as_asked(fit, adata, tmp_path, recwarn):
    fit(adata).save(tmp_path / "model")
    with pytest.warns(UserWarning, match=r"No AnnData was saved.*`adata=False`"):
        assert gde.GDEModel.load(tmp_path / "model").adata is None
    recwarn.clear()
    assert gde.GDEModel.load(tmp_path / "model", adata=False).adata is None
    assert not [warning for warning in recwarn if "AnnData" in str(warning.message)]


def test_an_anndata_that_was_saved_need_not_be_whole_if_another_is_passed(fit, adata, tmp_path):
    model = fit(adata)
    model.save(tmp_path / "model", save_anndata=True)
    ModelFolder(tmp_path / "model").find("adata.h5ad").write_bytes(b"")
    with pytest.raises(ValueError, match="adata.h5ad is damaged"):
        gde.GDEModel.load(tmp_path / "model")
    _assert_same(gde.GDEModel.load(tmp_path / "model", adata=adata.copy()), model)


def test_genes_in_another_order_are_refused_with_a_cure_that_works(fit, adata, tmp_path):
    model = fit(adata)
    model.save(tmp_path / "model")
    shuffled = adata[:, ::-1].copy()
    with pytest.raises(ValueError, match=r"genes of the model in the model's order. Align it"):
        gde.GDEModel.load(tmp_path / "model", adata=shuffled)
    aligned = shuffled[:, gde.GDEModel.load(tmp_path / "model", adata=False).get_var_names()].copy()
    _assert_same(gde.GDEModel.load(tmp_path / "model", adata=aligned), model)


def test_a_model_without_an_anndata_has_none_to_save(fit, adata, tmp_path):
    fit(adata).save(tmp_path / "model")
    with pytest.raises(ValueError, match="`save_anndata`"):
        gde.GDEModel.load(tmp_path / "model", adata=False).save(tmp_path / "two", save_anndata=True)
    assert not (tmp_path / "two").exists()


# Parts of one's own


def test_an_encoder_from_elsewhere_is_loaded_only_if_it_is_named(fit, adata, tmp_path):
    encoder = Averages(16, 3, scale=np.linspace(0, 1, 16))
    model = fit(adata, encoder=encoder)
    model.save(tmp_path / "model")
    with pytest.raises(ValueError, match=rf"class {AVERAGES}, which is not one of gde's.*custom_objects"):
        gde.GDEModel.load(tmp_path / "model", adata=adata.copy())
    loaded = gde.GDEModel.load(tmp_path / "model", adata=adata.copy(), custom_objects={AVERAGES: Averages})
    np.testing.assert_array_equal(loaded.module.encoder.scale, encoder.scale)
    _assert_same(loaded, model)


@pytest.mark.parametrize(
    "encoder",
    [lambda: DeepSets(16, 3, n_hidden=5, noise_sd=0.1), lambda: KernelMean(5, 3)],
    ids=["deep_sets", "kernel_mean"],
)
def test_instances_come_back_with_their_arguments_and_draw_no_ambient_numbers(fit, adata, tmp_path, encoder):
    model = fit(adata, encoder=encoder(), generator=FlowMatching(4, 3, n_hidden=9))
    model.save(tmp_path / "model")
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    loaded = gde.GDEModel.load(tmp_path / "model", adata=adata.copy())
    assert torch.rand(1) == expected
    assert loaded.module.encoder.arguments == model.module.encoder.arguments
    assert loaded.module.generator.arguments == model.module.generator.arguments
    _assert_same(loaded, model)


def test_an_attribute_that_files_cannot_hold_is_named_and_nothing_is_written(fit, adata, tmp_path):
    model = fit(adata)
    model.geometry_ = {"metric": lambda: 0}
    with pytest.raises(TypeError, match=r"`attributes.geometry_.metric` is a .*function.*convert it"):
        model.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


# Files that were tampered with


class Touch:
    """Unpickled, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def _replace(folder, role, content):
    """Put other content into a model's file, and fit the hashes to it, as an attacker would."""
    path = folder / "model.json"
    document = json.loads(path.read_text())
    del document["sha256"]
    entry = document["files"][role]
    (folder / entry["name"]).write_bytes(content)
    entry |= {"n_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path.write_text(json.dumps({"sha256": hash_content(document)} | document))


def _malice(path):
    pickled = pickle.dumps(Touch(path))
    npz, pt = io.BytesIO(), io.BytesIO()
    np.savez(npz, a=np.array([Touch(path)], dtype=object))
    torch.save(Touch(path), pt)
    return {"pickle": pickled, "npz": npz.getvalue(), "pt": pt.getvalue()}


@pytest.mark.parametrize("role", ["weights.safetensors", "arrays.npz", "adata.h5ad"])
@pytest.mark.parametrize("kind", ["pickle", "npz", "pt"])
def test_a_pickle_in_place_of_a_file_does_not_run(fit, adata, tmp_path, role, kind):
    folder, ran = tmp_path / "model", tmp_path / "ran"
    malice = _malice(ran)[kind]
    fit(adata).save(folder, save_anndata=True)
    _replace(folder, role, malice)
    with pytest.raises(Exception):  # noqa: B017  whichever reader finds that this is no file of its kind
        gde.GDEModel.load(folder)
    assert not ran.exists()
    if kind == "pickle":
        pickle.loads(malice)
        assert ran.exists(), "and it would have run"


@pytest.mark.parametrize("name", ["model.pt", "attr.pkl", "model_params.pt"])
def test_a_pickle_beside_the_files_or_without_them_does_not_run(fit, adata, tmp_path, name):
    folder, ran = tmp_path / "model", tmp_path / "ran"
    fit(adata).save(folder)
    (folder / name).write_bytes(_malice(ran)["pickle"])
    gde.GDEModel.load(folder, adata=False)
    gde.GDEModel.load_registry(folder)
    (folder / "model.json").unlink()
    for read in (gde.GDEModel.load, gde.GDEModel.load_registry, gde.GDEModel.view_setup_args):
        with pytest.raises(FileNotFoundError, match=r"model.json"):
            read(folder)
    with pytest.raises(NotImplementedError, match="reads no pickles"):
        gde.GDEModel.convert_legacy_save(folder, tmp_path / "out")
    assert not ran.exists()


def test_a_file_cannot_set_what_is_not_data_of_a_model(fit, adata, tmp_path):
    fit(adata).save(tmp_path / "model")
    path = tmp_path / "model" / "model.json"
    document = json.loads(path.read_text())
    del document["sha256"]
    document["attributes"] |= {"module": "mine", "save": "mine"}
    path.write_text(json.dumps({"sha256": hash_content(document)} | document))
    loaded = gde.GDEModel.load(tmp_path / "model", adata=False)
    assert loaded.module != "mine" and callable(loaded.save)


def test_another_model_s_files_are_refused(fit, adata, tmp_path):
    class OtherModel(gde.GDEModel):
        pass

    fit(adata).save(tmp_path / "model")
    with pytest.raises(ValueError, match=r"model.json is a GDEModel: load it with that class"):
        OtherModel.load(tmp_path / "model", adata=False)


# Faults


@pytest.mark.skipif(not hasattr(sys, "addaudithook") or sys.platform == "win32", reason="needs fork")
def test_a_save_that_is_killed_anywhere_leaves_the_old_model_or_the_new_one(tmp_path):
    script = Path(__file__).with_name("kill_while_saving.py")
    done = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    n_kills, _, *found = done.stdout.strip().splitlines()[-1].split()
    assert int(n_kills) >= 8
    assert found == sorted(found, reverse=True) and set(found) == {"old", "new"}, "once new, it stays new"


def test_an_anndata_without_units_is_not_taken_for_none(fit, adata, tmp_path):
    fit(adata).save(tmp_path / "model")
    with pytest.raises(ValueError, match="`adata.X` is empty"):
        gde.GDEModel.load(tmp_path / "model", adata=adata[:0].copy())
    with pytest.raises(TypeError, match="`adata` must be an AnnData, got str"):
        gde.GDEModel.load(tmp_path / "model", adata="cells.h5ad")


@pytest.mark.parametrize(("argument", "value"), [("dir_path", None), ("dir_path", 5), ("prefix", 5), ("prefix", "a/b")])
def test_places_that_are_none_are_refused(fit, adata, tmp_path, argument, value):
    model = fit(adata)
    with pytest.raises(TypeError, match=f"`{argument}` must be a"):
        model.save(**({"dir_path": tmp_path / "model"} | {argument: value}))
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="is a file, and a model is a folder"):
        model.save(tmp_path / "file", overwrite=True)
