"""Images from `setup_anndata` to `generate`."""

import anndata as ad
import numpy as np
import pytest

import gde
from gde.data import UnitSpec
from gde.generators import FlowMatching
from gde.model.build_module import ENCODERS, GENERATORS, build_module
from gde.nn import CovariateSizes, UNetField

SIZES = {
    "n_latent": 3,
    "n_latent_unit": 5,
    "n_hidden": 8,
    "kl_weight": None,
    "scoring": "other_half",
    "isometry_weight": 0.0,
}


def _spots(n_donors=3, n_units=20, dtype="uint8"):
    """Images of a bright spot, whose brightness is the donor's."""
    rng = np.random.default_rng(0)
    donor = np.repeat(np.arange(n_donors), n_units)
    images = rng.integers(0, 20, (len(donor), 1, 8, 8))
    images[:, :, 2:5, 3:6] += 60 * (1 + donor[:, None, None, None])
    obs = {"donor": [f"D{i}" for i in donor], "batch": rng.choice(["a", "b"], len(donor))}
    return ad.AnnData(obs=obs, obsm={"image": images.astype(dtype), "X_pca": rng.normal(size=(len(donor), 2))})


def _train(adata, generator, **setup):
    gde.setup_anndata(adata, group_key="donor", obsm_key="image", batch_key="batch", **setup)
    model = gde.GDEModel(adata, generator=generator, n_latent=3, n_latent_unit=2, n_hidden=16)
    model.train(max_epochs=1, batch_size=32, enable_progress_bar=False)
    return model


@pytest.fixture(scope="module")
def model():
    return _train(_spots(), FlowMatching(192, 3, n_steps=3, image_shape=(3, 8, 8), n_channels=8))


@pytest.mark.parametrize("generator", [name for name, cls in GENERATORS.items() if cls.kinds != ("tokens",)])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_parts_fit_together(encoder, generator):
    units = UnitSpec("image", (1, 8, 8), value_range=(0, 255), dtype="uint8")
    module = build_module(units, CovariateSizes(), encoder, generator, **(SIZES | {"n_latent": 5}))
    has_pixels = generator in ("diffusion", "flow_matching")
    assert (module.observation.autoencoder is None) == has_pixels
    assert module.generator.n_vectors == (192 if has_pixels else 5 + 2)
    assert not has_pixels or isinstance(module.generator.field, UNetField)


def test_generated_images_have_the_type_and_range_of_the_data(model):
    new = model.generate(groups=["D2", "D0"], n_units=4)
    images = new.obsm["image"]
    assert images.shape == (8, 1, 8, 8) and images.dtype == np.uint8
    assert new.obs["donor"].tolist() == ["D2"] * 4 + ["D0"] * 4 and set(new.obs["batch"]) <= {"a", "b"}
    np.testing.assert_array_equal(model.generate(groups=["D0"], n_units=4).obsm["image"], images[4:])


def test_an_autoencoder_learns_brightness_of_floats():
    adata = _spots()
    adata.obsm["image"] = adata.obsm["image"] / np.float32(100) - 1
    gde.setup_anndata(adata, group_key="donor", obsm_key="image", value_range=(-1, 2))
    model = gde.GDEModel(adata, generator="mmd", n_latent=3, n_latent_unit=2, n_hidden=32)
    model.train(max_epochs=4, batch_size=64, enable_progress_bar=False)
    images = model.generate(n_units=50).obsm["image"]
    assert images.dtype == np.float32 and images.min() >= -1 and images.max() <= 2
    spots = images[:, 0, 2:5, 3:6].mean((1, 2)).reshape(3, 50).mean(1)
    np.testing.assert_allclose(spots, [-0.3, 0.3, 0.9], atol=0.3)


def test_new_groups_are_embedded_and_other_shapes_refused(model):
    z = model.get_group_embeddings(key_added=None)
    again = _spots(n_donors=2)
    np.testing.assert_allclose(model.get_group_embeddings(again), z.iloc[:2], atol=1e-4)
    again.obsm["image"] = again.obsm["image"][:, :, :, :7]
    with pytest.raises(ValueError, match="8 × 7 values in a unit"):
        model.get_group_embeddings(again)


def test_saved_and_loaded(model, tmp_path):
    model.save(tmp_path / "model", save_anndata=True)
    loaded = gde.GDEModel.load(tmp_path / "model")
    expected = model.generate(n_units=2).obsm["image"].astype(int)
    assert np.abs(loaded.generate(n_units=2).obsm["image"].astype(int) - expected).max() <= 1


def test_the_encoder_reads_given_features_and_the_generator_makes_images():
    model = _train(_spots(), "cvae", encoder_obsm_key="X_pca")
    alone = ad.AnnData(obs=model.adata.obs[["donor"]].copy(), obsm={"X_pca": model.adata.obsm["X_pca"]})
    np.testing.assert_allclose(model.get_group_embeddings(alone), model.get_group_embeddings(key_added=None), atol=1e-5)
    assert model.generate(n_units=2).obsm["image"].shape == (6, 1, 8, 8)


def test_bad_images_are_refused_and_nothing_is_written():
    adata = _spots()
    adata.obsm["image"] = adata.obsm["image"].astype(np.float32)
    with pytest.raises(ValueError, match="`value_range="):
        gde.setup_anndata(adata, group_key="donor", obsm_key="image")
    assert not adata.uns and list(adata.obs) == ["donor", "batch"]
