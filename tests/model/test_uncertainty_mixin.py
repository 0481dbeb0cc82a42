import numpy as np
import pandas as pd
import pytest

import gde
from gde.stats import GroupSummary
from tests.model.test_shared_units import CONTINUOUS, NOISY, soft  # noqa: F401


def _part(adata, keep):
    return adata[keep].copy()


# Summaries


def test_halves_add_up_to_the_whole(trained, tmp_path):
    adata = trained.adata
    is_first = np.random.default_rng(0).random(adata.n_obs) < 0.5
    is_first |= adata.obs["donor"] == "D01"  # which one site alone has
    is_first &= adata.obs["donor"] != "D02"
    one, other = (trained.summarize_groups(_part(adata, keep), batch_size=100) for keep in (is_first, ~is_first))
    one.save(tmp_path / "one.npz")
    merged = GroupSummary.load(tmp_path / "one.npz") + other
    embeddings, covariances = trained.embed_summary(merged)
    expected, expected_covariances = trained.get_group_embeddings(return_cov=True, key_added=None)
    pd.testing.assert_frame_equal(embeddings.loc[expected.index], expected, atol=1e-6, rtol=0)
    order = embeddings.index.get_indexer(expected.index)
    np.testing.assert_allclose(covariances[order], expected_covariances, atol=1e-6, rtol=1e-4)
    sizes = adata.obs["donor"].value_counts()
    assert dict(zip(merged.names, merged.n_units, strict=True)) == sizes.to_dict()


def test_groups_are_summarized_in_the_order_asked_for(trained):
    summary = trained.summarize_groups(groups=["D07", "D02"])
    assert summary.names == ["D07", "D02"]
    embeddings, _ = trained.embed_summary(summary)
    expected = trained.get_group_embeddings(groups=["D07", "D02"], key_added=None)
    pd.testing.assert_frame_equal(embeddings, expected, atol=1e-6)


def test_weights_of_continuous_labels_add_up(fit, adata):
    model = fit(adata, CONTINUOUS)
    expected, expected_covariances = model.get_group_embeddings(groups=[45, 55], return_cov=True, key_added=None)
    halves = [_part(adata, slice(part, None, 2)) for part in (0, 1)]
    one, other = (model.summarize_groups(half, groups=[45, 55]) for half in halves)
    embeddings, covariances = model.embed_summary(one + other)
    pd.testing.assert_frame_equal(embeddings, expected, atol=1e-5)
    np.testing.assert_allclose(covariances, expected_covariances, rtol=1e-3, atol=1e-7)


def test_a_summary_is_for_the_weights_that_made_it(fit, adata, tmp_path):
    model = fit(adata)
    summary = model.summarize_groups()
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=False)
    pd.testing.assert_frame_equal(loaded.embed_summary(summary)[0], model.embed_summary(summary)[0])
    model.train(1, limit_train_batches=1, enable_progress_bar=False)
    with pytest.raises(ValueError, match="other weights"):
        model.embed_summary(summary)
    with pytest.raises(ValueError, match="different weights"):
        summary + model.summarize_groups()


def test_an_encoder_of_several_passes_has_no_summary(fit, adata):
    with pytest.raises(ValueError, match="ResNet goes through the units 4 times"):
        fit(adata, encoder="resnet").summarize_groups()


# Influence


@pytest.mark.parametrize("encoder", ["deep_sets", "resnet"])
def test_leaving_out_units_moves_the_embedding_as_predicted(fit, cohort, encoder):
    adata = _part(cohort, cohort.obs["part"] == "train")
    model = fit(adata, train={"limit_train_batches": 30}, encoder=encoder, n_latent=4, n_hidden=32)
    embeddings = model.get_group_embeddings(key_added=None)
    predicted, actual = [], []
    for axis in range(4):
        influence = model.get_unit_influence(direction=axis)
        for sign in (-1, 1):
            rank = (sign * influence).groupby(adata.obs["donor"], observed=True).rank(ascending=False, pct=True)
            cells = pd.DataFrame({"influence": influence, "is_out": rank <= 0.05})
            of_donor = cells.groupby(adata.obs["donor"], observed=True)
            pull = of_donor.apply(lambda own: own.loc[own["is_out"], "influence"].sum(), include_groups=False)
            predicted.append(-pull / (~cells["is_out"]).groupby(adata.obs["donor"], observed=True).sum())
            rest = model.get_group_embeddings(_part(adata, ~cells["is_out"]), key_added=None)
            actual.append((rest - embeddings)[f"gde_{axis}"])
    predicted, actual = np.concatenate(predicted), np.concatenate(actual)
    assert np.corrcoef(predicted, actual)[0, 1] >= 0.99
    assert np.polyfit(predicted, actual, 1)[0] == pytest.approx(1, abs=0.15)


def test_influences_give_the_covariance(trained):
    _, covariances = trained.get_group_embeddings(groups=["D03"], return_cov=True, key_added=None)
    axes = [trained.get_unit_influence(direction=axis, groups=["D03"], key_added=None) for axis in range(4)]
    is_own = (trained.adata.obs["donor"] == "D03").to_numpy()
    assert all((axis.notna() == is_own).all() for axis in axes)
    expected = np.cov([axis[is_own] for axis in axes]) / is_own.sum()
    np.testing.assert_allclose(covariances[0], expected, rtol=1e-3, atol=1e-8)
    assert "gde_influence" not in trained.adata.obs


def test_directions_are_axes_arrays_or_contrasts(fit, adata):
    model = fit(adata)
    z = model.get_group_embeddings(key_added=None)
    along = [model.get_unit_influence(direction=axis, key_added=None) for axis in range(3)]
    contrast = (z.loc[["D1", "D2"]].mean() - z.loc["D3"]).to_numpy(float)
    expected = np.stack(along, axis=1) @ contrast / np.linalg.norm(contrast)
    series, names = z.loc[["D1", "D2"]].mean() - z.loc["D3"], pd.Categorical(["D1", "D2"])
    for direction in (contrast, 5 * contrast, series, (["D1", "D2"], "D3"), [("D1", "D2"), ["D3"]], (names, "D3")):
        influence = model.get_unit_influence(direction=direction, batch_size=17)
        np.testing.assert_allclose(influence, expected, atol=1e-5)
    assert influence.index.equals(adata.obs_names) and influence.name == "gde_influence"
    np.testing.assert_array_equal(adata.obs["gde_influence"], influence)


@pytest.mark.parametrize(
    ("direction", "message"),
    [
        (3, "axes are 0 to 2, got 3"),
        (-1, "axes are 0 to 2, got -1"),
        (np.zeros(3), "not all zero"),
        (np.ones(4), "must be 3 finite numbers"),
        (np.array([1, np.nan, 0]), "must be 3 finite numbers"),
        ("D1", "two groups"),
        (("D1", "D2", "D3"), "two groups"),
        (("D1", "D1"), "not all zero"),
    ],
)
def test_a_direction_that_is_none_is_refused(fit, adata, direction, message):
    with pytest.raises(ValueError, match=message):
        fit(adata).get_unit_influence(direction=direction)


def test_of_groups_that_share_units_one_is_named(fit, soft):  # noqa: F811
    model = fit(soft, NOISY)
    with pytest.raises(ValueError, match="Name one group"):
        model.get_unit_influence(direction=0)
    influence = model.get_unit_influence(direction=0, groups=["D2"])
    weight = soft.obsm["soft"]["D2"]
    assert (influence.notna() == (weight > 0)).all()
    assert influence.to_numpy() @ weight.to_numpy() == pytest.approx(0, abs=1e-4)


def test_an_untrained_model_has_none_of_it(adata):
    gde.setup_anndata(adata, group_key="donor")
    model = gde.GDEModel(adata, n_latent=2, n_hidden=4)
    for ask in (model.summarize_groups, lambda: model.get_unit_influence(direction=0)):
        with pytest.raises(RuntimeError, match="not been trained"):
            ask()
