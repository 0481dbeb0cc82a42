import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from gde.tl import gene_features


@pytest.fixture
def screen():
    """Control cells in which genes a and b go with one hidden number, c and d with another, e with none; f is never seen."""
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(400, 2))
    rate = np.exp(2 + hidden[:, [0, 0, 1, 1, 0]] * [0.8, 0.8, 0.8, 0.8, 0.0])
    filler = rng.poisson(20, size=(400, 10))  # so that libraries are alike
    counts = np.hstack([rng.poisson(rate), np.zeros((400, 1)), filler]).astype(np.float32)
    obs = pd.DataFrame({"target": np.where(np.arange(400) < 300, "control", "a")}, index=np.arange(400).astype(str))
    genes = [*"abcdef", *(f"filler{i}" for i in range(10))]
    return ad.AnnData(sp.csr_matrix(counts), obs=obs, var=pd.DataFrame(index=genes))


def test_genes_that_go_together_lie_together(screen):
    features = gene_features(screen, list("abcde"), control=("target", "control"), n_components=2)
    unit = features.div(np.linalg.norm(features, axis=1), axis=0)
    assert unit.loc["a"] @ unit.loc["b"] > 0.9 and unit.loc["c"] @ unit.loc["d"] > 0.9
    assert abs(unit.loc["a"] @ unit.loc["c"]) < 0.7
    assert np.square(features.loc["e"]).sum() < 0.5 * np.square(features.loc["a"]).sum()


def test_it_is_the_decomposition_of_the_correlations(screen):
    controls = screen[screen.obs["target"] == "control"]
    features = gene_features(screen, control=("target", "control"), n_components=4)
    assert features.index.equals(screen.var_names) and features.columns[0] == "coexpression_0"
    x = controls.X.toarray().astype(float)
    x = np.log1p(x / x.sum(1, keepdims=True) * np.median(x.sum(1)))
    seen = x.std(0) > 0
    values, vectors = np.linalg.eigh(np.corrcoef(x[:, seen].T))
    expected = (vectors[:, -4:] * values[-4:]) @ vectors[:, -4:].T
    found = features.to_numpy()[seen]
    np.testing.assert_allclose(found @ found.T, expected, atol=1e-6)
    assert (features.loc["f"] == 0).all()
    assert (features.to_numpy()[np.abs(features.to_numpy()).argmax(0), range(4)] > 0).all()


def test_perturbed_cells_play_no_part_and_layers_and_dense_counts_do_as_well(screen):
    expected = gene_features(screen, control=("target", "control"), n_components=2)
    other = screen.copy()
    other.X[300:] = other.X[300:] * 7
    np.testing.assert_allclose(gene_features(other, control=("target", "control"), n_components=2), expected, atol=1e-8)
    other.layers["counts"] = screen.X.toarray()
    by_layer = gene_features(other, control=("target", "control"), layer="counts", n_components=2)
    np.testing.assert_allclose(by_layer, expected, atol=1e-8)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"genes": ["a", "zz"]}, KeyError, "1 of 2 are not in `.var_names`, e.g. 'zz'.*another kind"),
        ({"control": ("targets", "control")}, KeyError, "'targets' is not a column"),
        ({"control": ("target", "ctrl")}, KeyError, "no cell has 'ctrl' in 'target'"),
        ({"layer": "raw"}, KeyError, "'raw' is not in `.layers`"),
        ({"n_components": 16}, ValueError, "fewer than the 400 control cells and the 16 genes"),
        ({"n_components": 15}, ValueError, "15 genes vary among the control cells"),
    ],
)
def test_errors_name_the_cure(screen, arguments, error, message):
    with pytest.raises(error, match=message):
        gene_features(screen, **arguments)


def test_normalised_values_are_refused(screen):
    screen.X = screen.X.log1p()
    with pytest.raises(ValueError, match="`adata.X` has values that are not integers.*layer='counts'"):
        gene_features(screen)


def test_scaled_values_are_refused(screen):
    screen.X = screen.X - 1.0 * (screen.X > 3)
    screen.X.data[:3] = -1
    with pytest.raises(ValueError, match="negative"):
        gene_features(screen)
