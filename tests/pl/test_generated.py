import itertools
import re

import numpy as np
import pytest
import scipy.sparse as sp
from anndata import AnnData
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection
from mudata import MuData

import gde


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _counts(n, seed, mean=2.0):
    rng = np.random.default_rng(seed)
    means = mean * np.exp(np.random.default_rng(9).normal(size=20))
    return AnnData(sp.csr_matrix(rng.poisson(means * rng.gamma(3, 1 / 3, size=(n, 1))).astype(float)))


def _dots(ax):
    return [dots.get_offsets() for dots in ax.collections if isinstance(dots, PathCollection)]


def _numbers(ax):
    """The two numbers of the title: generated units, and the floor."""
    return [float(part) for part in re.findall(r"-?\d+\.\d+", ax.get_title())]


def test_both_kinds_of_units_are_drawn_in_the_plane_of_the_real_ones():
    ax = gde.pl.generated(_counts(30, 0), _counts(20, 1), show=False)
    points = _dots(ax)
    assert [len(part) for part in points] == [30, 20]
    np.testing.assert_allclose(points[0].mean(0), 0, atol=1e-6)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["real", "generated"]


def test_units_in_obsm_are_drawn_as_they_are():
    z = np.random.default_rng(0).normal(size=(30, 2))
    units = AnnData(np.zeros((30, 1)), obsm={"X_pca": z})
    first, second = _dots(gde.pl.generated(units, units, obsm_key="X_pca", show=False))
    np.testing.assert_allclose(np.sort(first, 0), np.sort(second, 0))
    np.testing.assert_allclose(np.sort(np.linalg.norm(first, axis=1)), np.sort(np.linalg.norm(z - z.mean(0), axis=1)))


@pytest.mark.parametrize("layer", [None, "scaled"])
def test_values_that_are_no_counts_are_drawn_as_they_are(layer):
    values = np.random.default_rng(0).normal(size=(40, 2))
    units = AnnData(values, layers={} if layer is None else {layer: values})
    _, means = _dots(gde.pl.generated(units, units[::-1].copy(), kind="mean", layer=layer, show=False))
    np.testing.assert_allclose(means[:, 1], values.mean(0))
    first, _ = _dots(gde.pl.generated(units, units, layer=layer, show=False))
    norms = (np.sort(np.linalg.norm(x, axis=1)) for x in (first, values - values.mean(0)))
    np.testing.assert_allclose(*norms)


@pytest.mark.parametrize("kind", ["pca", "mean", "variance", "library_size"])
def test_other_units_are_further_from_the_real_ones_than_these_from_each_other(kind):
    real, alike, other = _counts(400, 0), _counts(400, 1), _counts(400, 2, mean=6.0)
    other.X = other.X[:, ::-1].copy()
    sign = -1 if kind in {"mean", "variance"} else 1  # correlations are the better the higher
    score, floor = _numbers(gde.pl.generated(real, other, kind=kind, show=False))
    assert sign * score > sign * floor + 0.2
    score, again = _numbers(gde.pl.generated(real, alike, kind=kind, show=False))
    assert again == floor and abs(score - floor) < 0.1


def test_variances_of_genes_are_drawn_beside_those_of_the_other_half():
    real, new = _counts(100, 0), _counts(60, 1)
    floor, generated = _dots(gde.pl.generated(real, new, kind="variance", show=False))
    np.testing.assert_allclose(np.sort(generated[:, 1]), np.sort(new.X.toarray().var(0)))
    np.testing.assert_allclose(floor[:, 0], generated[:, 0])


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="`kind` must be one of 'pca'"):
        gde.pl.generated(_counts(10, 0), _counts(10, 0), kind="tsne", show=False)
    with pytest.raises(ValueError, match="3 real and 10 generated units are too few"):
        gde.pl.generated(_counts(3, 0), _counts(10, 0), show=False)
    scaled = AnnData(np.full((9, 2), 0.5))
    with pytest.raises(ValueError, match="library sizes are of counts"):
        gde.pl.generated(scaled, scaled, kind="library_size", show=False)
    with pytest.raises(ValueError, match="`layer`: the generated units are counts and the real ones are not"):
        gde.pl.generated(scaled, _counts(9, 0)[:, :2], show=False)
    with pytest.raises(TypeError, match=r"`new` must be an AnnData, got MuData.*mdata\[name\]"):
        gde.pl.generated(scaled, MuData({"rna": scaled}), show=False)


@pytest.mark.parametrize("spread", [0.05, 0.4, 1.2])
def test_labels_of_library_sizes_do_not_overlap(spread):
    rng = np.random.default_rng(0)
    counts = AnnData(np.rint(600 * np.exp(rng.normal(0, spread, (200, 1)))))
    ax = gde.pl.generated(counts, counts, kind="library_size", show=False)
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    ticks = zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
    boxes = [label.get_window_extent() for tick, label in ticks if low <= tick <= high]
    assert len(boxes) > 1
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))
    assert not any(label.get_text() for label in ax.get_xticklabels(minor=True))
