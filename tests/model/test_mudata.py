import anndata as ad
import mudata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import gde
from gde._no_pulling import no_pulling
from gde.datasets import simulate_multimodal

MODALITIES = {"rna": {"layer": "counts"}, "prot": {}, "atac": {"likelihood": "bernoulli"}}
SIZES = {"n_latent": 3, "n_latent_unit": 4, "n_hidden": 16}
FEW_STEPS = {"max_epochs": 1, "limit_train_batches": 4, "batch_size": 64, "enable_progress_bar": False}


def cohort(n_donors=4, seed=0, **options):
    """Cells of which some lack proteins, with counts in a layer."""
    options = {
        "n_units": 40,
        "n_genes": 30,
        "n_sites": 20,
        "n_proteins": 8,
        "missing": {"prot": 0.4, "rna": 0.1},
    } | options
    mdata = simulate_multimodal(n_donors, seed=seed, **options)
    mdata["rna"].layers["counts"] = mdata["rna"].X.copy()
    mdata["rna"].var["length"] = np.arange(30.0)
    mdata.obs["lane"] = np.where(np.arange(mdata.n_obs) % 2, "a", "b")
    return mdata


def with_modalities(mdata, **changed):
    """The same cells with other modalities."""
    with no_pulling():
        new = mudata.MuData({name: changed.get(name, mdata[name]).copy() for name in mdata.mod})
    for column in mdata.obs:
        new.obs[column] = mdata.obs[column]
    return new


@pytest.fixture(scope="module")
def fitted():
    """A tiny model of three modalities. Not to be changed."""
    mdata = cohort()
    gde.setup_mudata(mdata, "donor", modalities=MODALITIES, batch_key="lane")
    model = gde.GDEModel(mdata, **SIZES)
    model.train(**FEW_STEPS)
    return model


def embed(model, mdata=None, **kwargs):
    return model.get_group_embeddings(mdata, key_added=None, **kwargs).to_numpy()


def test_generated_cells_are_a_mudata_like_the_real_one(fitted):
    real, new = fitted.adata, fitted.generate(groups=["D2", "D1"], n_units=5, batch="a")
    assert isinstance(new, mudata.MuData) and list(new.mod) == ["rna", "prot", "atac"]
    assert new.obs["donor"].tolist() == ["D2"] * 5 + ["D1"] * 5 and set(new.obs["lane"]) == {"a"}
    for name, modality in new.mod.items():
        assert modality.n_obs == 10
        assert modality.var.equals(real[name].var)
        assert (modality.X.data == np.rint(modality.X.data)).all() and modality.X.min() >= 0
    assert new["atac"].X.max() <= 1
    assert (new["rna"].layers["counts"] != new["rna"].X).nnz == 0
    assert new.uns["gde"]["params"]["generator"] == "FlowMatching"


def test_library_sizes_are_those_of_a_modality(fitted):
    totals = [
        np.asarray(
            fitted.generate(groups=["D1"], n_units=200, library_size={"rna": size}, seed=0)["rna"].X.sum(1)
        ).mean()
        for size in (100, 1000)
    ]
    np.testing.assert_allclose(totals, [100, 1000], rtol=0.1)
    with pytest.raises(ValueError, match=r"mapping from modalities with counts \(rna, prot, atac\)"):
        fitted.generate(n_units=2, library_size=1000)


def test_the_lane_is_what_was_asked_for(fitted):
    seen = {lane: fitted.generate(groups=["D1"], n_units=50, batch=lane, seed=0) for lane in "ab"}
    assert all((seen["a"][name].X != seen["b"][name].X).nnz for name in MODALITIES)
    assert set(seen["b"].obs["lane"]) == {"b"}
    with pytest.raises(KeyError, match="'c'"):
        fitted.generate(groups=["D1"], n_units=2, batch="c")


def test_results_are_in_the_mudata_and_give_groups(fitted):
    mdata = fitted.adata
    embeddings, covariances = fitted.get_group_embeddings(return_cov=True)
    assert np.isfinite(covariances).all()
    groups = gde.get.group_adata(mdata)
    np.testing.assert_allclose(groups.X, embeddings, rtol=1e-5)
    assert groups.obs["n_units"].sum() == mdata.n_obs


def test_unseen_groups_and_variables_in_another_order(fitted):
    new = cohort(3, seed=5)
    before = new.obsm.keys()
    z = embed(fitted, new)
    assert z.shape == (3, 3) and np.isfinite(z).all()
    turned = with_modalities(new, rna=new["rna"][:, ::-1], prot=new["prot"][::-1, ::-1])
    np.testing.assert_allclose(embed(fitted, turned), z, atol=1e-5)
    assert new.obsm.keys() == before and "_scvi_uuid" not in new.uns


def test_embeddings_do_not_depend_on_chunks_or_on_the_order_of_cells(fitted):
    new = cohort(3, seed=5)
    np.testing.assert_allclose(embed(fitted, new, batch_size=7), embed(fitted, new), atol=1e-5)
    order = np.random.default_rng(0).permutation(new.n_obs)
    np.testing.assert_allclose(embed(fitted, new[order].copy()), embed(fitted, new), atol=1e-5)


def test_missing_genes_are_masked_in_their_modality(fitted):
    new = cohort(3, seed=5)
    fewer = with_modalities(new, prot=new["prot"][:, 2:])
    with pytest.raises(ValueError, match="Modality 'prot': 2 of the model's 8 genes"):
        embed(fitted, fewer)
    assert np.isfinite(embed(fitted, fewer, allow_missing_genes=True)).all()


def test_queries_that_do_not_fit_are_refused_by_the_name_of_the_modality(fitted):
    new = cohort(3, seed=5)
    renamed = new["prot"].copy()
    renamed.var_names = [f"antibody {i}" for i in range(8)]
    with pytest.raises(ValueError, match="Modality 'prot': None of the model's 8 genes"):
        embed(fitted, with_modalities(new, prot=renamed), allow_missing_genes=True)
    halved = new["prot"].copy()
    halved.X = halved.X / 2
    with pytest.raises(ValueError, match="Modality 'prot': "):
        embed(fitted, with_modalities(new, prot=halved))
    no_layer = new["rna"].copy()
    del no_layer.layers["counts"]
    with pytest.raises(KeyError, match="Modality 'rna': `layer`: 'counts'"):
        embed(fitted, with_modalities(new, rna=no_layer))


def test_a_mudata_of_one_modality_is_read_by_what_it_has(fitted):
    new = cohort(3, seed=5, missing={})
    with no_pulling():
        rna = mudata.MuData({"rna": new["rna"].copy()})
    rna.obs["donor"] = new.obs["donor"]
    others = {name: new[name][new.obs["donor"] == "D3"] for name in ("prot", "atac")}
    with pytest.raises(
        KeyError, match=r"Modality 'prot' of the model is not in `mdata.mod`.*`allow_missing_genes=True`"
    ):
        embed(fitted, rna)
    z = embed(fitted, rna, allow_missing_genes=True)
    np.testing.assert_allclose(z[:2], embed(fitted, with_modalities(new, **others))[:2], atol=1e-6)
    fitted.get_group_embeddings(rna, allow_missing_genes=True)
    assert rna.uns["gde"]["params"]["n_missing_genes"] == 28
    made = fitted.generate(rna, groups=["D1"], n_units=4, batch="a", allow_missing_genes=True)
    assert {name: modality.shape for name, modality in made.mod.items()} == {
        "rna": (4, 30),
        "prot": (4, 8),
        "atac": (4, 20),
    }


def test_an_anndata_in_place_of_a_mudata_is_told_what_it_must_become(fitted):
    with pytest.raises(TypeError, match=r"`mudata.MuData\(\{'rna': adata\}\)`"):
        embed(fitted, cohort(3, seed=5)["rna"])


def test_a_saved_model_is_the_same(fitted, tmp_path):
    fitted.save(tmp_path / "model", save_anndata=True)
    loaded = gde.GDEModel.load(tmp_path / "model")
    assert isinstance(loaded.adata, mudata.MuData)
    np.testing.assert_array_equal(embed(loaded), embed(fitted))
    new = cohort(3, seed=5)
    alone = gde.GDEModel.load(tmp_path / "model", adata=False)
    np.testing.assert_array_equal(embed(alone, new), embed(fitted, new))
    of_new = gde.GDEModel.load(tmp_path / "model", adata=new)
    np.testing.assert_allclose(embed(of_new), embed(fitted, new), atol=1e-6)
    one, two = (model.generate(groups=["D1"], n_units=4, seed=1) for model in (loaded, fitted))
    assert all((one[name].X != two[name].X).nnz == 0 for name in one.mod)
    with pytest.raises(ValueError, match="Modality 'prot' of `mdata` does not have the variables"):
        gde.GDEModel.load(tmp_path / "model", adata=with_modalities(new, prot=new["prot"][:, ::-1]))


@pytest.mark.parametrize("generator", ["cvae", "mmd", "diffusion"])
def test_other_generators_and_continuous_modalities(generator):
    mdata = cohort(missing={"prot": 0.4})
    mdata["rna"].obsm["X_pca"] = np.random.default_rng(0).normal(size=(mdata["rna"].n_obs, 3)).astype(np.float32)
    gde.setup_mudata(mdata, ["donor", "cell_type"], modalities={"rna": {"obsm_key": "X_pca"}, "prot": {}})
    model = gde.GDEModel(mdata, generator=generator, encoder="attention", **SIZES)
    model.train(**FEW_STEPS)
    new = model.generate(n_units=2)
    assert np.isfinite(new["rna"].obsm["X_pca"]).all() and list(new.mod) == ["rna", "prot"]
    model.get_group_embeddings()
    assert gde.get.group_adata(mdata, level="donor").n_obs == 4
    with no_pulling():
        prot = mudata.MuData({"prot": mdata["prot"].copy()})
    prot.obs = mdata.obs.loc[prot.obs_names, ["donor", "cell_type"]].copy()
    assert np.isfinite(embed(model, prot, allow_missing_genes=True)).all()
    mdata["rna"].obsm["X_pca"] = mdata["rna"].obsm["X_pca"][:, :2]
    with pytest.raises(ValueError, match=r"Modality 'rna': `.obsm\['X_pca'\]` has 2 columns, .* trained on 3"):
        embed(model, mdata.copy())


def test_images_are_a_modality(tmp_path):
    mdata = cohort(missing={"prot": 0.4})
    mdata["prot"].obsm["crop"] = np.random.default_rng(0).integers(
        0, 255, (mdata["prot"].n_obs, 2, 8, 6), dtype=np.uint8
    )
    modalities = {"rna": {"layer": "counts"}, "prot": {"obsm_key": "crop", "observation": "image"}}
    with pytest.raises(ValueError, match="Modality 'prot': .* Images are named so: `observation='image'`"):
        gde.setup_mudata(mdata, "donor", modalities={"rna": {}, "prot": {"obsm_key": "crop"}})
    gde.setup_mudata(mdata, "donor", modalities=modalities)
    model = gde.GDEModel(mdata, **SIZES)
    model.train(**FEW_STEPS)
    crops = model.generate(groups=["D1"], n_units=5, library_size={"rna": 100})["prot"].obsm["crop"]
    assert crops.shape == (5, 2, 8, 6) and crops.dtype == np.uint8 and crops.std() > 1
    with pytest.raises(ValueError, match=r"mapping from modalities with counts \(rna\)"):
        model.generate(n_units=1, library_size={"prot": 10})

    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=mdata)
    np.testing.assert_array_equal(embed(loaded), embed(model))
    with no_pulling():
        rna = mudata.MuData({"rna": mdata["rna"].copy()})
    rna.obs["donor"] = mdata.obs["donor"]
    assert np.isfinite(embed(model, rna, allow_missing_genes=True)).all()
    smaller = with_modalities(mdata)
    smaller["prot"].obsm["crop"] = smaller["prot"].obsm["crop"][:, :, :6]
    with pytest.raises(ValueError, match="Modality 'prot': .* 2 × 6 × 6 values in a unit, .* 2 × 8 × 6"):
        embed(model, smaller)
    with pytest.raises(ValueError, match="Modality 'prot' has units of shape"):
        gde.GDEModel.load(tmp_path / "model", adata=smaller)


def repertoire(n_cells=60, seed=0):
    """Cells of two types, which decide over genes and over the motif of the receptor, which a third of the cells lacks."""
    rng = np.random.default_rng(seed)
    donor, is_b = np.repeat(["D1", "D2", "D3"], n_cells), rng.random(3 * n_cells) < 0.5
    genes = rng.poisson(np.where(is_b[:, None] == (np.arange(8) < 4), 6.0, 1.0))
    receptors = np.array([f"C{rng.choice(list('ADE'))}{'WHW' if b else 'KLK'}" + "F" * rng.integers(3) for b in is_b])
    cells = pd.Index([f"cell{i}" for i in range(len(donor))])
    has = rng.permutation(np.flatnonzero(rng.random(len(donor)) < 2 / 3))
    modalities = {
        "rna": ad.AnnData(sp.csr_matrix(genes), obs=pd.DataFrame(index=cells)),
        "tcr": ad.AnnData(obs=pd.DataFrame({"cdr3": receptors[has]}, index=cells[has])),
    }
    with no_pulling():
        mdata = mudata.MuData(modalities)
    mdata.obs["donor"] = donor[cells.get_indexer(mdata.obs_names)]
    return mdata


def agreement(mdata):
    """Share of cells with a motif in their receptor, and share of these whose genes are of the same type."""
    receptors = mdata["tcr"].obs["cdr3"].astype(str)
    x = mdata["rna"][receptors.index].X.toarray()
    a, b = (receptors.str.contains(motif).to_numpy() for motif in ("KLK", "WHW"))
    return (a | b).mean(), ((x[:, :4].sum(1) > x[:, 4:].sum(1)) == b)[a | b].mean()


RECEPTORS = {"rna": {}, "tcr": {"sequence_key": "cdr3"}}


@pytest.fixture(scope="module")
def receptors():
    """A model of RNA and receptors. Not to be changed."""
    mdata = repertoire()
    gde.setup_mudata(mdata, "donor", modalities=RECEPTORS)
    model = gde.GDEModel(mdata, **SIZES)
    model.train(max_epochs=1, batch_size=64, plan_kwargs={"lr": 1e-2}, enable_progress_bar=False)
    return model


def test_what_genes_say_of_a_sequence_is_kept_in_generated_cells(receptors):
    new = receptors.generate(n_units=100, seed=0)
    sequences = new["tcr"].obs["cdr3"]
    assert len(sequences) == 300 and sequences.str.len().between(1, 7).all() and sequences.nunique() > 10
    has_motif, agree = agreement(new)
    assert agreement(receptors.adata) > (0.99, 0.95)
    assert has_motif > 0.8 and agree > 0.9


def test_sequences_are_read_by_what_the_set_up_found(receptors, tmp_path):
    part = receptors.unit_spec.parts["tcr"]
    assert (part.shape, part.letters[:3], part.n_letters) == ((7,), "ACD", 21)
    receptors.save(
        tmp_path / "model", save_anndata=True
    )  # integers, and cells in another order, which mudata 0.3 minds
    assert "_gde_tcr" in receptors.adata.obsm
    loaded, new = gde.GDEModel.load(tmp_path / "model"), repertoire(seed=1)
    np.testing.assert_array_equal(embed(loaded, new), embed(receptors, new))
    one, two = (model.generate(groups=["D1"], n_units=5, seed=1)["tcr"].obs for model in (loaded, receptors))
    assert one["cdr3"].tolist() == two["cdr3"].tolist()
    turned = with_modalities(new, tcr=new["tcr"][::-1])
    np.testing.assert_allclose(embed(receptors, turned), embed(receptors, new), atol=1e-6)
    new["tcr"].obs["cdr3"] = new["tcr"].obs["cdr3"] + "FFFF"
    with pytest.raises(ValueError, match="Modality 'tcr': .* longer than 7 letters"):
        embed(receptors, new)


def test_a_query_may_lack_sequences_or_all_else(receptors):
    new = repertoire(seed=1)
    with no_pulling():
        rna, tcr = (mudata.MuData({name: new[name].copy()}) for name in RECEPTORS)
    for alone in (rna, tcr):
        alone.obs["donor"] = new.obs.loc[alone.obs_names, "donor"]
        assert np.isfinite(embed(receptors, alone, allow_missing_genes=True)).all()
    with pytest.raises(KeyError, match="Modality 'tcr' of the model is not in"):
        embed(receptors, rna)
    of_one = with_modalities(new, tcr=new["tcr"][(tcr.obs.loc[new["tcr"].obs_names, "donor"] == "D3").to_numpy()])
    alone = embed(receptors, rna, allow_missing_genes=True)
    np.testing.assert_allclose(embed(receptors, of_one)[:2], alone[:2], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"sequence_key": "cdr4"}, KeyError, "Modality 'tcr': `sequence_key='cdr4'` is neither in .*'cdr3'"),
        ({}, {"sequence_key": "cdr3", "alphabet": "ACGT"}, ValueError, "Modality 'tcr': .* not in the alphabet 'ACGT'"),
        ({}, {"sequence_key": "cdr3", "max_length": 3}, ValueError, "Modality 'tcr': .* longer than 3 letters"),
        ({}, {"sequence_key": "cdr3", "layer": "counts"}, ValueError, "`modalities`, 'tcr': .*leave out"),
        ({"cdr3": None}, {"sequence_key": "cdr3"}, ValueError, "Modality 'tcr': .* have no sequence"),
    ],
)
def test_sequences_that_do_not_fit_are_refused_by_the_name_of_the_modality(change, options, error, message):
    mdata = repertoire(20)
    mdata["tcr"].obs = mdata["tcr"].obs.assign(**change)
    with pytest.raises(error, match=message):
        gde.setup_mudata(mdata, "donor", modalities={"rna": {}, "tcr": options})
    assert "_scvi_uuid" not in mdata.uns and "_gde_measured" not in mdata.obsm


def test_complete_modalities_are_not_copied():
    mdata = cohort(missing={})
    gde.setup_mudata(mdata, "donor", modalities=MODALITIES)
    assert np.shares_memory(mdata.obsm["_gde_rna"].data, mdata["rna"].layers["counts"].data)


def _negative(mdata):
    mdata["prot"].X.data[0] = -1


def _not_binary(mdata):
    mdata["atac"].X.data[0] = 2


@pytest.mark.parametrize(
    ("change", "modalities", "error", "message"),
    [
        (None, {"rna": {}, "protein": {}}, KeyError, "'protein' is not in `mdata.mod`.*'prot'"),
        (None, {"rna": {"layer": "count"}}, KeyError, "Modality 'rna': `layer`: 'count' is not in"),
        (_negative, {"rna": {}, "prot": {}}, ValueError, "Modality 'prot': .*negative"),
        (
            _not_binary,
            {"rna": {}, "atac": {"likelihood": "bernoulli"}},
            ValueError,
            "Modality 'atac': .*values above 1",
        ),
        (None, {"prot": {}}, ValueError, "units have none of the modalities"),
        (None, {"rna": {"likelyhood": "nb"}}, ValueError, "'rna' has the unknown options"),
        (None, {"rna": {"likelihood": "gauss"}}, ValueError, "the likelihood of 'rna' must be one of"),
        (None, {"rna": {"obsm_key": "X", "layer": "counts"}}, ValueError, "'rna'.*leave out `layer`"),
        (None, {"rna": {"observation": "joint"}}, ValueError, "`modalities`, 'rna': "),
        (None, {}, ValueError, "`modalities` must say"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_name_of_the_modality(change, modalities, error, message):
    mdata = cohort(missing={"prot": 0.4})
    if change is not None:
        change(mdata)
    with pytest.raises(error, match=message):
        gde.setup_mudata(mdata, "donor", modalities=modalities)
    assert "_scvi_uuid" not in mdata.uns and "_gde_measured" not in mdata.obsm


def test_a_mudata_and_an_anndata_have_their_own_setup():
    mdata = cohort(missing={"prot": 0.4})
    with pytest.raises(TypeError, match="MuData has `gde.setup_mudata`"):
        gde.setup_anndata(mdata, "donor")
    with pytest.raises(TypeError, match="must be a MuData with the modalities"):
        gde.setup_mudata(ad.AnnData(np.ones((3, 2))), "donor", modalities={"rna": {}})
    with pytest.raises(ValueError, match="use `gde.setup_mudata`"):
        gde.setup_anndata(mdata["rna"], "donor", observation="joint")


def test_an_encoder_without_weights_is_refused():
    mdata = cohort(missing={"prot": 0.4})
    gde.setup_mudata(mdata, "donor", modalities=MODALITIES)
    with pytest.raises(ValueError, match="KernelMean has no weights"):
        gde.GDEModel(mdata, encoder="kernel_mean")


@pytest.mark.parametrize(
    "tool", [gde.tl.evaluate, lambda model, mdata=None: gde.tl.transfer_labels(model, mdata, by="x")]
)
def test_tools_that_compare_units_of_one_modality_say_so(fitted, tool):
    for arguments in ((), (fitted.adata,)):
        with pytest.raises(ValueError, match=r"have several \(rna, prot, atac\): compare `mdata\['rna'\]`"):
            tool(fitted, *arguments)
