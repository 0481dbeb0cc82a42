import numpy as np
import pytest
from scvi.criticism import PosteriorPredictiveCheck


def test_scvis_criticism_works_on_the_model(trained):
    counts = trained.adata.copy()
    counts.X = counts.X.astype(int)  # it fails on sparse counts of floats, whatever the model
    check = PosteriorPredictiveCheck(counts, {"gde": trained}, n_samples=2)
    check.coefficient_of_variation("cells")
    check.zero_fraction()
    for metric in ("zero_fraction", "cv_gene"):
        found = check.metrics[metric]
        assert np.corrcoef(found["gde"], found["Raw"])[0, 1] > 0.9


def test_units_keep_their_library_size_and_what_they_are(trained):
    rows = np.arange(0, trained.adata.n_obs, 5)
    real = trained.adata.X[rows].toarray()
    sample = trained.posterior_predictive_sample(indices=rows).todense()
    again = trained.posterior_predictive_sample(indices=rows, seed=1).todense()
    assert (sample == np.round(sample)).all() and not (sample == again).all()
    assert np.corrcoef(np.log1p(sample.sum(1)), np.log1p(real.sum(1)))[0, 1] > 0.8
    types = trained.adata.obs["cell_type"].to_numpy()[rows]
    means, truth = (np.stack([np.log1p(x[types == name].mean(0)) for name in np.unique(types)]) for x in (sample, real))
    assert np.corrcoef((means - means.mean(0)).ravel(), (truth - truth.mean(0)).ravel())[0, 1] > 0.8


def test_a_mask_chooses_the_rows_that_it_holds(trained):
    mask = np.arange(trained.adata.n_obs) % 9 == 4
    chosen, same = (trained.posterior_predictive_sample(indices=rows) for rows in (mask, np.flatnonzero(mask)))
    assert chosen.shape[0] == mask.sum() and (chosen.todense() == same.todense()).all()


def test_samples_do_not_depend_on_chunks(trained):
    rows = np.arange(200)
    whole = trained.posterior_predictive_sample(indices=rows).todense()
    for batch_size in (1, 64, 130):
        chunked = trained.posterior_predictive_sample(indices=rows, batch_size=batch_size).todense()
        assert (chunked == whole).mean() > 0.999  # a rate that is rounded otherwise may give another count


@pytest.mark.parametrize(
    ("argument", "value", "error"),
    [
        ("indices", [10**6], ValueError),
        ("indices", [1.5], ValueError),
        ("indices", [], ValueError),
        ("indices", ["D01"], ValueError),
        ("indices", [True, False], ValueError),
        ("n_samples", 0, ValueError),
        ("n_samples", True, TypeError),
        ("batch_size", 0, ValueError),
        ("seed", -1, ValueError),
        ("seed", "one", TypeError),
    ],
)
def test_arguments_that_make_no_sense_are_named(trained, argument, value, error):
    with pytest.raises(error, match=f"`{argument}` must be"):
        trained.posterior_predictive_sample(**{argument: value})


def test_other_units_are_refused(adata, fit):
    model = fit(adata, {"obsm_key": "X_pca"})
    with pytest.raises(ValueError, match="is for counts"):
        model.posterior_predictive_sample()
