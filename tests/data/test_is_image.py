import numpy as np
from anndata import AnnData

from gde.data import is_image


def test_only_four_axes_are_images():
    adata = AnnData(obsm={"image": np.zeros((2, 1, 3, 3)), "X_pca": np.zeros((2, 3))})
    assert is_image(adata, "image")
    assert not is_image(adata, "X_pca") and not is_image(adata, "imag") and not is_image(adata, None)
    assert not is_image("no AnnData", "image")
