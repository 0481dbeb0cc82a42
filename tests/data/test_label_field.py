import numpy as np
import pandas as pd
from anndata import AnnData

from gde.data import LabelField


def _adata(**obs):
    return AnnData(np.ones((4, 1)), obs=pd.DataFrame({"donor": list("aabb"), **obs}, index=list("wxyz")))


def test_another_anndata_gets_the_codes_of_the_model_s_classes_and_may_have_no_labels():
    field, adata = LabelField(["donor"], "label", "?"), _adata(label=["ill", "ill", "well", "well"])
    state = field.register_field(adata)
    assert state["classes"].tolist() == ["ill", "well"] and adata.obs["_gde_label"].tolist() == [0, 0, 1, 1]
    other, bare = _adata(label=["well", "well", "?", "?"]), _adata()
    for new, expected in ((other, [1, 1, np.nan, np.nan]), (bare, [np.nan] * 4)):
        assert field.transfer_field(state, new)["classes"].tolist() == ["ill", "well"]
        np.testing.assert_array_equal(new.obs["_gde_label"], expected)
