"""Whether units are images."""

from typing import Any


def is_image(adata: Any, obsm_key: str | None) -> bool:
    """Whether an AnnData has a 4-D array under a key of ``.obsm``.

    Examples
    --------
    >>> import numpy as np
    >>> from anndata import AnnData
    >>> from gde.data import is_image
    >>> is_image(AnnData(obsm={"image": np.zeros((2, 1, 8, 8))}), "image")
    True
    """
    return obsm_key is not None and getattr(getattr(adata, "obsm", {}).get(obsm_key), "ndim", 0) == 4
