import numpy as np
import pytest
from anndata import AnnData
from matplotlib import pyplot as plt

import gde


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _wells(n_units, n_channels=1, value=1.0):
    images = np.random.default_rng(0).random((n_units, n_channels, 4, 6)) * value
    adata = AnnData(obsm={"image": images})
    adata.obs["well"] = ["A1", "B1"] * (n_units // 2)
    return adata


def _tiles(ax, n_rows, n_images):
    """(row, column, height, width, 3)."""
    canvas = np.pad(ax.images[0].get_array(), ((0, 1), (0, 1), (0, 0)))
    return canvas.reshape(n_rows, 5, n_images, 7, 3).swapaxes(1, 2)[:, :, :4, :6]


def test_each_group_has_a_row_of_real_and_one_of_generated_images():
    real, new = _wells(20), _wells(20, value=3.0)
    ax = gde.pl.images(real, new, groupby="well", groups=["B1", "A1"], n_images=3, show=False)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["B1, real", "B1, generated", "A1, real", "A1, generated"]
    tiles = _tiles(ax, 4, 3)
    drawn = real.obsm["image"][(real.obs["well"] == "B1").to_numpy()]
    is_found = [np.isclose(np.corrcoef(tiles[0, 0, ..., 0].ravel(), image.ravel())[0, 1], 1) for image in drawn]
    assert sum(is_found) == 1
    assert tiles[[0, 2]].min() == 0 and tiles[[0, 2]].max() == 1  # the scale is that of the real images
    assert (tiles[[1, 3]] == 1).mean() > 0.3  # brighter images are cut off there


def test_a_small_group_leaves_white_space():
    tiles = _tiles(gde.pl.images(_wells(2), groupby="well", n_images=2, show=False), 2, 2)
    assert (tiles[:, 1] == 1).all() and not (tiles[:, 0] == 1).all()


def test_two_channels_are_magenta_and_green():
    tile = _tiles(gde.pl.images(_wells(2, 2), n_images=2, show=False), 1, 2)[0, 0]
    assert (tile[..., 0] == tile[..., 2]).all() and not (tile[..., 0] == tile[..., 1]).all()


def test_many_channels_have_to_be_named():
    with pytest.raises(ValueError, match="`channels`: the images have 5"):
        gde.pl.images(_wells(4, 5), show=False)
    with pytest.raises(ValueError, match="numbers from 0 to 4"):
        gde.pl.images(_wells(4, 5), channels=[5], show=False)
    assert gde.pl.images(_wells(4, 5), channels=[4], show=False).images


def test_what_is_not_there_is_named():
    with pytest.raises(KeyError, match="Did you mean 'image'"):
        gde.pl.images(_wells(4), obsm_key="images", show=False)
    with pytest.raises(KeyError, match="Did you mean 'well'"):
        gde.pl.images(_wells(4), groupby="wel", show=False)
    with pytest.raises(KeyError, match="`groups`: 'C1'"):
        gde.pl.images(_wells(4), groupby="well", groups=["C1"], show=False)
