import mudata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from gde.datasets import simulate_multimodal


@pytest.fixture(scope="module")
def cohort():
    return simulate_multimodal(6, n_units=300, library_size=1000, seed=1)


def test_modalities_are_sparse_counts_and_sites_are_zeros_and_ones(cohort):
    assert list(cohort.mod) == ["rna", "prot", "atac"]
    for modality in cohort.mod.values():
        x = modality.X
        assert isinstance(x, sp.csr_matrix) and x.dtype == np.float32
        assert (x.data >= 1).all() and (x.data == np.rint(x.data)).all()
    assert cohort["atac"].X.max() == 1
    assert 0.03 < cohort["atac"].X.mean() < 0.3


def test_composition_and_state_are_those_of_the_truth(cohort):
    truth = cohort.uns["truth"]
    seen = pd.crosstab(cohort.obs["donor"], cohort.obs["cell_type"], normalize="index")
    np.testing.assert_allclose(seen, truth["composition"], atol=0.1)
    codes = cohort.obs["donor"].cat.codes * 5 + cohort.obs["cell_type"].cat.codes
    latent = pd.DataFrame(cohort.obsm["latent"]).groupby(codes.to_numpy()).agg(["mean", "size"])
    mean, size = latent.xs("mean", axis=1, level=1), latent[0]["size"]
    error = (mean - truth["state"].reshape(30, 4)[mean.index]).mul(np.sqrt(size), axis=0)
    assert abs(error.to_numpy().std() - 1) < 0.2


@pytest.mark.parametrize("name", ["rna", "prot", "atac"])
def test_every_modality_follows_the_latent_vector_by_its_loadings(cohort, name):
    x = cohort[name].X.toarray()
    if name == "rna":
        x = x / x.sum(1, keepdims=True)
    is_frequent = x.mean(0) > np.median(x.mean(0))
    moved = np.linalg.lstsq(cohort.obsm["latent"], np.log1p(x / x.mean(0))[:, is_frequent], rcond=None)[0]
    assert np.corrcoef(moved.ravel(), cohort.uns["truth"][f"{name}_loadings"][:, is_frequent].ravel())[0, 1] > 0.7


def test_an_effect_of_zero_leaves_no_difference():
    alike = simulate_multimodal(4, n_units=10, composition_effect=0, state_effect=0).uns["truth"]
    assert alike["composition"].nunique().max() == 1
    assert (alike["state"] == alike["state"][0]).all()


def test_cells_lack_what_they_should_and_keep_one_modality():
    mdata = simulate_multimodal(4, n_units=200, missing={"rna": 0.5, "prot": 0.6, "atac": 0.9})
    assert mdata.n_obs == 800
    assert mdata["prot"].n_obs == pytest.approx(320, abs=60) and mdata["atac"].n_obs == pytest.approx(80, abs=40)
    rows = [int((mdata.obs["donor"] == donor).sum()) for donor in mdata.obs["donor"].cat.categories]
    assert rows == [200] * 4
    complete = simulate_multimodal(4, n_units=200)
    same = complete.obs.loc[mdata.obs_names, "cell_type"]
    assert (same == mdata.obs["cell_type"]).all(), "what is missing changes nothing else"


def test_survives_a_file_and_a_seed_repeats(tmp_path):
    mdata, again = (simulate_multimodal(3, n_units=20, missing={"prot": 0.3}, seed=2) for _ in range(2))
    mdata.write(tmp_path / "cohort.h5mu")
    for other in (again, mudata.read_h5mu(tmp_path / "cohort.h5mu")):
        assert (other["prot"].X != mdata["prot"].X).nnz == 0 and other.obs_names.equals(mdata.obs_names)
        np.testing.assert_array_equal(other.uns["truth"]["state"], mdata.uns["truth"]["state"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_donors": 1}, "at least 2 donors"),
        ({"n_proteins": 0}, "prot: expected a positive number"),
        ({"missing": {"protein": 0.5}}, "of rna, prot, atac, got 'protein'"),
        ({"missing": {"prot": 1.0}}, r"shares in \[0, 1\)"),
    ],
)
def test_impossible_sizes_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        simulate_multimodal(**options)
