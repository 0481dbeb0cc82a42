"""A fingerprint of units and groups."""

import hashlib
from typing import Any

import numpy as np
import scipy.sparse as sp

from gde.data.joint_units import JointUnits
from gde.data.labels import Labels
from gde.data.units import Units

N_UNITS = 256  # whose values count: those of all units would take as long as an epoch of training


def hash_data(adata: Any, labels: Labels, units: Units) -> str:
    """SHA-256 of what identifies the data of a result, the same for every format that they are kept in.

    It depends on the names of all units and variables, on the group of each unit, and on all values of 256 units that are evenly spaced (all, if there
    are fewer), in single precision, as models read them. It does not depend on whether values are dense or sparse, in memory or on disk, float32 or
    float64, nor on anything else in the AnnData. Values that change in other units alone are not noticed.

    Parameters
    ----------
    adata
        AnnData, or MuData for several modalities.
    labels, units
        Where groups and units are.

    Returns
    -------
    64 hexadecimal digits.

    Examples
    --------
    >>> import numpy as np
    >>> from anndata import AnnData
    >>> from scipy.sparse import csr_matrix
    >>> from gde.data import MatrixUnits, hash_data, make_labels
    >>> adata = AnnData(np.eye(3), obs={"donor": ["a", "a", "b"]})
    >>> first = hash_data(adata, make_labels("donor"), MatrixUnits())
    >>> adata.X = csr_matrix(adata.X, dtype="float32")
    >>> hash_data(adata, make_labels("donor"), MatrixUnits()) == first
    True
    """
    digest = hashlib.sha256()
    rows = np.unique(np.linspace(0, adata.n_obs - 1, min(N_UNITS, adata.n_obs)).round().astype(int))
    some = adata[rows]
    matrices = [some.obsm[key] for key in labels.obsm_keys]
    names = [adata.obs_names, *(adata.obs[key] for key in labels.obs_keys)]
    for part, data in _parts(units, some):
        names += [data.var_names] if part.has_genes else []
        matrices.append(part.matrix(data))
    for column in names:
        digest.update("\0".join(column.astype(str)).encode() + b"\1")
    for matrix in matrices:
        _add(digest, matrix)
    return digest.hexdigest()


def _parts(units: Units, adata: Any) -> list[tuple[Units, Any]]:
    if isinstance(units, JointUnits):
        return [(part, adata.mod[name]) for name, part in units.parts.items() if name in adata.mod]
    return [(units, adata)]


def _add(digest: Any, matrix: Any) -> None:
    """Values that are not zero, and where they are."""
    if hasattr(matrix, "dask"):
        matrix = matrix.compute()
    if not sp.issparse(matrix):
        matrix = np.asarray(matrix)
        matrix = matrix.reshape(len(matrix), -1)
    matrix = sp.csr_matrix(matrix, dtype=np.float32, copy=True)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    digest.update(str(matrix.shape).encode())
    for values in (matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data):
        digest.update(values.tobytes())
