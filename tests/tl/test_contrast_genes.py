import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr, ttest_ind

import gde


@pytest.fixture(scope="module")
def classes(trained):
    """Training donors, ill and well."""
    condition = trained.adata.obs.groupby("donor", observed=True)["condition"].first()
    return condition.index[condition == "disease"].tolist(), condition.index[condition == "healthy"].tolist()


@pytest.fixture(scope="module")
def table(trained, classes):
    return gde.tl.contrast_genes(trained, *classes, n_units=400)


def _pseudobulk(adata, donors, library):
    means = []
    for donor in donors:
        counts = adata[adata.obs["donor"] == donor].X
        means.append(np.asarray(counts.sum(0)).ravel() / counts.sum() * library)
    return np.mean(means, axis=0)


def test_it_finds_the_genes_that_differ_between_real_cells(trained, cohort, classes, table):
    new_cells = cohort[cohort.obs["part"] == "held_out"]
    library = table.attrs["library_size"]
    real_a, real_b = (_pseudobulk(new_cells, donors, library) for donors in classes)
    assert spearmanr(table["difference"], real_a - real_b)[0] > 0.6  # the training cells themselves reach 0.78
    top = [set(np.argsort(-np.abs(values))[:20]) for values in (table["difference"].to_numpy(), real_a - real_b)]
    assert len(top[0] & top[1]) >= 12
    assert np.corrcoef(np.log1p(table["mean_a"]), np.log1p(real_a))[0, 1] > 0.98
    assert table.index.equals(trained.adata.var_names)


def test_composition_and_state_add_up_and_are_those_of_the_truth(cohort, classes, table):
    np.testing.assert_allclose(table["composition"] + table["state"], table["difference"], atol=1e-9)
    np.testing.assert_allclose(table["mean_a"] - table["mean_b"], table["difference"], atol=1e-9)
    composition = cohort.uns["truth"]["composition"]
    true = composition.loc[classes[0]].mean() - composition.loc[classes[1]].mean()
    found = pd.Series(table.attrs["share_a"]) - pd.Series(table.attrs["share_b"])
    assert np.corrcoef(found, true.loc[found.index])[0, 1] > 0.9
    assert table.attrs["classifier_accuracy"] > 0.85

    composition, state = _parts_of_real_cells(
        cohort[cohort.obs["part"] != "unseen"], classes, true, table.attrs["library_size"]
    )
    assert np.corrcoef(table["composition"], composition)[0, 1] > 0.75
    assert np.corrcoef(table["state"], state)[0, 1] > 0.9


def _parts_of_real_cells(adata, classes, shift, library):
    """Composition and state from labels, and pseudobulks of each type, that the model does not see."""
    composition, state = 0, 0
    for name in shift.index:
        cells = adata[adata.obs["cell_type"] == name]
        a, b = (
            _pseudobulk(cells, [d for d in donors if (cells.obs["donor"] == d).any()], library) for donors in classes
        )
        composition = composition + shift[name] * (a + b) / 2
        state = state + cells.n_obs / adata.n_obs * (a - b)
    return composition, state


def _mean_of(model, donor):
    z = model.get_group_embeddings(groups=[donor], key_added=None)
    return model.generate(embeddings=z, n_units=400, library_size=_median_library(model.adata), seed=0).X.mean(0).A1


def _median_library(adata):
    return float(np.median(np.asarray(adata.X.sum(1))))


def test_intervals_are_welch_s_and_hold_the_estimate(table, trained, classes):
    for name in ("difference", "composition", "state"):
        assert (table[f"{name}_low"] <= table[name]).all() and (table[name] <= table[f"{name}_high"]).all()
    donors = [
        gde.tl.contrast_genes(trained, donor, "D01" if donor != "D01" else "D02", n_units=400)["mean_a"]
        for donor in [*classes[0], *classes[1]]
    ]
    n_a = len(classes[0])
    interval = ttest_ind(np.stack(donors[:n_a]), np.stack(donors[n_a:]), equal_var=False).confidence_interval(0.95)
    np.testing.assert_allclose(table["difference_low"], interval.low, atol=1e-4)
    np.testing.assert_allclose(table["difference_high"], interval.high, atol=1e-4)


def test_halves_of_one_class_differ_as_often_as_they_should(trained):
    """Genes move together, so only the mean over splits is near 5 %."""
    donors = np.array(trained.group_names)
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(8):
        order = rng.permutation(donors)
        null = gde.tl.contrast_genes(trained, order[:6], order[6:], n_units=50)
        shares.append(((null["difference_low"] > 0) | (null["difference_high"] < 0)).mean())
    assert np.mean(shares) < 0.12


def test_single_groups_have_no_interval_and_the_seed_decides(trained):
    tables = [gde.tl.contrast_genes(trained, "D01", ["D02"], n_units=50, seed=seed) for seed in (0, 0, 1)]
    assert "difference_low" not in tables[0]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert not tables[0].equals(tables[2])
    swapped = gde.tl.contrast_genes(trained, "D02", "D01", n_units=50)
    np.testing.assert_allclose(swapped["difference"], -tables[0]["difference"], atol=1e-9)
    np.testing.assert_allclose(swapped["composition"], -tables[0]["composition"], atol=1e-9)


def test_new_groups_with_genes_in_another_order(trained, cohort):
    query = cohort[cohort.obs["part"] == "unseen"].copy()
    a, b = query.obs["donor"].cat.categories[-2:]
    expected = gde.tl.contrast_genes(trained, a, b, adata=query, n_units=50, batch="batch1")
    shuffled = query[:, query.var_names[::-1]].copy()
    pd.testing.assert_frame_equal(
        gde.tl.contrast_genes(trained, a, b, adata=shuffled, n_units=50, batch="batch1"), expected, rtol=1e-3, atol=1e-3
    )


def test_continuous_units(fit, adata):
    table = gde.tl.contrast_genes(fit(adata, {"obsm_key": "X_pca"}), ["D1", "D2"], ["D3", "D4"], n_units=50)
    assert table.shape == (3, 11) and "log2_fold_change" not in table
    np.testing.assert_allclose(table["composition"] + table["state"], table["difference"], atol=1e-9)


def test_what_cannot_be_contrasted_is_refused(trained):
    with pytest.raises(ValueError, match=r"share \['D01'\]"):
        gde.tl.contrast_genes(trained, ["D01", "D02"], "D01")
    with pytest.raises(KeyError, match="`by`: 'celltype' is not a column.*cell_type"):
        gde.tl.contrast_genes(trained, "D01", "D02", by="celltype")
    with pytest.raises(ValueError, match="at least 2 cell types"):
        gde.tl.contrast_genes(trained, "D01", "D02", by="part")
    with pytest.raises(KeyError, match="'D99' is not a group"):
        gde.tl.contrast_genes(trained, "D01", "D99")
    with pytest.raises(ValueError, match="`level`"):
        gde.tl.contrast_genes(trained, "D01", "D02", level=95)
