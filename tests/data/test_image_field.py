import anndata as ad
import numpy as np
import pytest

from gde.data import ImageField


def _adata(dtype="uint8", size=6):
    return ad.AnnData(obs={"donor": ["a", "b"]}, obsm={"image": np.zeros((2, 1, 5, size), dtype=dtype)})


def test_keeps_shape_and_type_of_the_first_anndata():
    field = ImageField("X", "image")
    state = field.register_field(_adata())
    assert (state["image_shape"], state["dtype"]) == ([1, 5, 6], "uint8")
    assert field.transfer_field(state, _adata("float32"))["dtype"] == "uint8"


def test_another_shape_is_refused_with_a_cure():
    field = ImageField("X", "image")
    with pytest.raises(ValueError, match=r"\[1, 5, 7\].*\[1, 5, 6\].*resize"):
        field.transfer_field(field.register_field(_adata()), _adata(size=7))
