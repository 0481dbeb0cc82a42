import anndata as ad
import numpy as np
import pytest
import torch
from scvi.data import AnnDataManager

from gde.data import ImageUnits, UnitSpec


def _adata(images):
    return ad.AnnData(obs={"donor": ["a"] * len(images)}, obsm={"image": images})


def _check(images, value_range=None):
    units = ImageUnits("image", value_range)
    units.check(_adata(images))
    units.check_values(_adata(images))
    return units


def _images(dtype="uint8", shape=(4, 2, 6, 5)):
    return np.random.default_rng(0).integers(0, 2, shape).astype(dtype)


@pytest.mark.parametrize(
    ("dtype", "declared", "expected"),
    [
        ("uint8", None, (0, 255)),
        ("uint16", None, (0, 65535)),
        ("float32", None, (0, 1)),
        ("float64", (-2, 3), (-2, 3)),
        ("int16", (0, 10), (0, 10)),
    ],
)
def test_the_range_is_declared_or_that_of_the_type(dtype, declared, expected):
    units = _check(_images(dtype), declared)
    assert units.value_range(np.dtype(dtype)) == expected
    assert units.settings(_adata(_images(dtype))) == {"observation": "image", "value_range": expected}


BAD_IMAGES = {
    "three_axes": (_images(shape=(4, 6, 5)), None, r"\(n_units, channel, height, width\).*\(4, 6, 5\).*`x\[:, None\]`"),
    "empty": (_images(shape=(4, 0, 6, 5)), None, r"got \(4, 0, 6, 5\)"),
    "channels_last": (_images(shape=(4, 6, 5, 3)), None, r"are channels last.*moveaxis"),
    "bool": (_images("bool"), None, "dtype bool.*astype"),
    "unknown_range": (_images("int32"), None, r"int32.*`value_range=\(low, high\)`"),
    "beyond": (3 * _images("float32"), None, r"from 0 to 3.*`value_range=\(0, 3\)`"),
    "beyond_declared": (_images("uint8"), (0.0, 0.5), r"from 0 to 1.*`value_range=\(0, 1\)`"),
    "nan": (np.where(_images() == 1, np.nan, 0.5).astype(np.float32), None, "NaN"),
}


@pytest.mark.parametrize("bad", BAD_IMAGES)
def test_bad_images_are_refused_with_a_cure(bad):
    images, value_range, words = BAD_IMAGES[bad]
    with pytest.raises(ValueError, match=words):
        _check(images, value_range)


@pytest.mark.parametrize("value_range", [(1, 0), (0, np.inf), (0, 1, 2)])
def test_a_range_that_is_none_is_refused(value_range):
    with pytest.raises(ValueError, match="`value_range` must be the smallest and the largest"):
        ImageUnits("image", value_range)


def test_an_unknown_key_is_refused_with_a_near_one():
    with pytest.raises(KeyError, match="'images' is not in `.obsm`.*'image'"):
        ImageUnits("images").check(_adata(_images()))


def test_the_registry_knows_shape_range_and_type():
    units = ImageUnits("image")
    manager = AnnDataManager(fields=[units.field()])
    manager.register_fields(_adata(_images()))
    assert units.spec(manager.registry) == UnitSpec("image", (2, 6, 5), value_range=(0, 255), dtype="uint8")


def test_generated_images_are_rounded_to_the_type_and_written_where_the_images_are():
    units = ImageUnits("image")
    spec = UnitSpec("image", (1, 1, 2), value_range=(0, 255), dtype="uint8")
    chunks = [units.pack(torch.tensor([[[[0.4, 254.6]]]]), spec)] * 2
    new = units.write(chunks, _adata(_images()).obs.iloc[:2], None)
    assert new.obsm["image"].dtype == np.uint8
    assert new.obsm["image"].tolist() == [[[[0, 255]]]] * 2


def test_other_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="has 2 × 6 × 5 values in a unit, and the model was trained on 1 × 6 × 5"):
        ImageUnits("image").check_shape(_adata(_images()), UnitSpec("image", (1, 6, 5)))
