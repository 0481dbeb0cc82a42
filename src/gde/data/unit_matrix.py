"""Where the units are in an AnnData."""

from typing import Any

from anndata import AnnData

from gde.data.near_matches import near_matches


def unit_matrix(
    adata: AnnData, layer: str | None, obsm_key: str | None, *, argument: str = "obsm_key"
) -> tuple[Any, str]:
    """The matrix whose rows are the units, and its name in messages.

    Parameters
    ----------
    adata
        The AnnData.
    layer, obsm_key
        See :meth:`gde.GDEModel.setup_anndata`.
    argument
        The argument that named ``obsm_key``, for errors.

    Raises
    ------
    KeyError
        If layer or key does not exist.
    ValueError
        If there is no matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from anndata import AnnData
    >>> from gde.data import unit_matrix
    >>> unit_matrix(AnnData(np.ones((2, 1))), None, None)[1]
    'adata.X'
    """
    if obsm_key is not None:
        if obsm_key not in adata.obsm:
            raise KeyError(f"`{argument}`: {obsm_key!r} is not in `.obsm`. {near_matches(obsm_key, adata.obsm.keys())}")
        matrix = adata.obsm[obsm_key]
        if getattr(matrix, "ndim", 0) != 2 or not hasattr(matrix, "dtype"):
            raise ValueError(
                f"`.obsm[{obsm_key!r}]` must be a matrix with a row per unit, got {type(matrix).__name__} of "
                f"{getattr(matrix, 'ndim', 'unknown')} dimensions. Images are named so: `observation='image'`."
            )
        return matrix, f"adata.obsm[{obsm_key!r}]"
    if layer is not None:
        if layer not in adata.layers:
            raise KeyError(f"`layer`: {layer!r} is not in `.layers`. {near_matches(layer, adata.layers.keys())}")
        return adata.layers[layer], f"adata.layers[{layer!r}]"
    if adata.X is None:
        raise ValueError("`adata.X` is None. Name the layer with the counts: `layer='counts'`.")
    return adata.X, "adata.X"
