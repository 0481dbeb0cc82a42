import numpy as np
import pytest


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


def test_other_units_are_refused(adata, fit):
    model = fit(adata, {"obsm_key": "X_pca"})
    with pytest.raises(ValueError, match="is for counts"):
        model.posterior_predictive_sample()
