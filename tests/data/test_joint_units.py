import anndata as ad
import mudata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from gde._no_pulling import no_pulling
from gde.data import make_units


@pytest.fixture
def mdata():
    """Five cells, of which three have proteins, in another order, and four have a dense measurement."""
    rna = ad.AnnData(
        sp.csr_matrix(np.arange(15.0).reshape(5, 3)),
        obs=pd.DataFrame(index=list("abcde")),
        var=pd.DataFrame(index=list("xyz")),
    )
    prot = ad.AnnData(
        sp.csr_matrix(np.arange(1.0, 7).reshape(3, 2)),
        obs=pd.DataFrame(index=list("dba")),
        var=pd.DataFrame(index=list("pq")),
    )
    shape = ad.AnnData(
        np.arange(1.0, 9).reshape(4, 2), obs=pd.DataFrame(index=list("bcde")), var=pd.DataFrame(index=list("lw"))
    )
    with no_pulling():
        return mudata.MuData({"rna": rna, "prot": prot, "shape": shape})


def test_modalities_have_a_row_for_each_unit(mdata):
    units = make_units(modalities={"rna": {}, "prot": {}, "shape": {"likelihood": "normal"}})
    units.check(mdata)
    states = [field.register_field(mdata) for field in units.fields]
    assert np.shares_memory(mdata.obsm["_gde_rna"].data, mdata["rna"].X.data)
    order = mdata.obs_names.get_indexer(list("abcde"))
    np.testing.assert_array_equal(mdata.obsm["_gde_prot"].toarray()[order], [[5, 6], [3, 4], [0, 0], [1, 2], [0, 0]])
    np.testing.assert_array_equal(mdata.obsm["_gde_shape"][order], [[0, 0], [1, 2], [3, 4], [5, 6], [7, 8]])
    np.testing.assert_array_equal(mdata.obsm["_gde_measured"].sum(0), [5, 3, 4])
    assert list(states[0]["column_names"]) == ["rna", "prot", "shape"]


@pytest.mark.parametrize("rows", [slice(2), slice(None, None, -1)])
def test_cells_that_changed_behind_the_mudata_are_noticed(mdata, rows):
    units = make_units(modalities={"rna": {}, "prot": {}})
    mdata.mod["prot"] = mdata["prot"][rows].copy()
    with pytest.raises(ValueError, match=r"Modality 'prot': its cells .*`mdata.update\(\)`"):
        units.check(mdata)
    with no_pulling():
        mdata.update()
    units.check(mdata)


def test_a_backed_mudata_is_refused(mdata, tmp_path):
    with no_pulling():
        mdata.write(tmp_path / "cells.h5mu")
        backed = mudata.read_h5mu(tmp_path / "cells.h5mu", backed="r")
    with pytest.raises(ValueError, match="open it without `backed=`"):
        make_units(modalities={"rna": {}, "prot": {}}).check(backed)


def test_another_mudata_is_aligned_by_name_and_not_changed(mdata):
    units = make_units(modalities={"rna": {}, "prot": {}})
    genes = {"rna": list("zxy"), "prot": list("pqr")}
    with pytest.raises(ValueError, match="Modality 'prot': 1 of the model's 3 genes"):
        units.select(mdata, genes)
    selection = units.select(mdata, genes, allow_missing_genes=True)
    np.testing.assert_array_equal(selection.obsm["_gde_rna"].toarray(), mdata["rna"].X.toarray()[:, [2, 0, 1]])
    assert selection.observed.tolist() == [True] * 5 + [False]
    assert "_gde_rna" not in mdata.obsm


def test_there_is_no_single_matrix(mdata):
    with pytest.raises(ValueError, match=r"several modalities \(rna, prot\).*Compare one"):
        make_units(modalities={"rna": {}, "prot": {}}).matrix(mdata)
