import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp
from scvi import REGISTRY_KEYS

from gde.data import make_labels, make_units
from gde.model.query_manager import query_manager

GENES = ["a", "b", "c", "d"]
CONVERSIONS = [np.asarray, sp.csr_matrix, sp.csc_matrix]


def _adata(genes, convert):
    adata = ad.AnnData(convert(np.arange(6 * len(genes)).reshape(6, -1).astype(np.float32)))
    adata.var_names = genes
    adata.obs["donor"] = ["x", "x", "y", "y", "z", "z"]
    return adata


def _query(adata, **kwargs):
    manager, observed = query_manager(adata, [make_units()], make_labels("donor"), genes=GENES, **kwargs)
    x = manager.get_from_registry(REGISTRY_KEYS.X_KEY)
    return (x.toarray() if sp.issparse(x) else np.asarray(x)), observed


@pytest.mark.parametrize("convert", CONVERSIONS)
def test_genes_are_put_in_the_order_of_the_model(convert):
    adata = _adata(["c", "x", "a", "d", "b"], convert)
    x, observed = _query(adata)
    dense = adata.X.toarray() if sp.issparse(adata.X) else adata.X
    np.testing.assert_array_equal(x, dense[:, [2, 4, 0, 3]])
    assert observed is None


@pytest.mark.parametrize("convert", CONVERSIONS)
def test_missing_genes_become_marked_columns_without_counts(convert):
    adata = _adata(["d", "x", "b"], convert)
    x, observed = _query(adata, allow_missing_genes=True)
    dense = adata.X.toarray() if sp.issparse(adata.X) else adata.X
    assert observed.tolist() == [False, True, False, True]
    np.testing.assert_array_equal(x[:, [1, 3]], dense[:, [2, 0]])
    assert (x[:, [0, 2]] == 0).all()


@pytest.mark.parametrize("allow", [False, True])
def test_no_gene_in_common_is_refused_with_the_names_of_both(allow):
    adata = _adata(["ENSG1", "ENSG2"], np.asarray)
    with pytest.raises(ValueError, match=r"None of the model's 4 genes.*has a, b, c, ….*has ENSG1, ENSG2.*same kind"):
        _query(adata, allow_missing_genes=allow)


def test_integer_counts_stay_integers():
    adata = _adata(["d", "b"], lambda x: sp.csr_matrix(x, dtype=np.int32))
    x, _ = _query(adata, allow_missing_genes=True)
    assert x.dtype == np.int32
