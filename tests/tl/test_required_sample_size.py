import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

import gde

BETWEEN, UNIT, EFFECT = 0.5, 20.0, 1.5  # along the contrast


def _pilot(rng, n_groups, between=BETWEEN, effect=EFFECT):
    """Embeddings of donors of two classes, and covariances that are known."""
    m = rng.integers(20, 200, 2 * n_groups)
    names = [f"D{i}" for i in range(2 * n_groups)]
    z = rng.normal(size=(2 * n_groups, 2)) * np.sqrt(between + UNIT / m)[:, None]
    z[n_groups:, 0] += effect
    obs = pd.DataFrame({"donor": names, "condition": np.repeat(["well", "ill"], n_groups)}, index=names)
    adata = ad.AnnData(np.zeros((len(names), 1)), obs=obs)
    adata.uns["gde"] = {
        "embeddings": pd.DataFrame(z, index=names, columns=["gde_0", "gde_1"]),
        "covariances": np.eye(2) * UNIT / m[:, None, None],
        "n_units": np.ones(len(names), dtype=int),  # a row for each donor, which stands for its cells
        "n_effective": m.astype(float),
        "params": {"group_key": ["donor"]},
    }
    return adata


CONTRAST = ("condition", "well", "ill")


def test_a_large_pilot_finds_what_was_simulated():
    table = gde.tl.required_sample_size(_pilot(np.random.default_rng(0), 2000), CONTRAST)
    assert table.attrs["unit_variance"] == pytest.approx(UNIT)
    assert table.attrs["between_variance"] == pytest.approx(BETWEEN, rel=0.1)
    assert table.attrs["effect"] == pytest.approx(EFFECT, rel=0.05)
    np.testing.assert_allclose(
        table["between_share"], BETWEEN / (BETWEEN + UNIT / table.index.to_numpy()), rtol=0.1, atol=0.01
    )


def test_the_answer_has_the_power():
    table = gde.tl.required_sample_size(_pilot(np.random.default_rng(1), 2000), CONTRAST, power=0.9)
    rng = np.random.default_rng(2)
    for m in (10, 100):
        n = table.loc[m, "n_groups"]
        a, b = (rng.normal(mean, np.sqrt(BETWEEN + UNIT / m), size=(4000, n)) for mean in (0, EFFECT))
        assert (ttest_ind(a, b, axis=1).pvalue < 0.05).mean() == pytest.approx(0.9, abs=0.06)


def test_the_effect_is_what_a_new_study_finds_along_the_direction_of_a_small_pilot():
    rng = np.random.default_rng(6)
    n, p = 6, 20
    true = np.r_[4.0, np.zeros(p - 1)]
    found, expected = [], []
    for _ in range(60):
        pilot = _pilot(rng, n)
        z = rng.normal(size=(2 * n, p)) + np.repeat([[0.0], [1.0]], n, axis=0) * true
        pilot.uns["gde"] |= {
            "embeddings": pd.DataFrame(z, index=pilot.obs_names),
            "covariances": np.zeros((2 * n, p, p)),
        }
        found.append(gde.tl.required_sample_size(pilot, CONTRAST).attrs["effect"])
        difference = z[n:].mean(0) - z[:n].mean(0)
        expected.append(true @ difference / np.linalg.norm(difference))
    # The root of the corrected squared distance would be 3.9, where a new study finds 3.4.
    assert np.mean(found) == pytest.approx(np.mean(expected), abs=0.3)
    assert np.mean(expected) < 0.87 * 4


def test_it_says_when_more_cells_cannot_replace_donors():
    table = gde.tl.required_sample_size(_pilot(np.random.default_rng(3), 200), CONTRAST)
    assert table["n_groups"].is_monotonic_decreasing and table["between_share"].is_monotonic_increasing
    assert table.loc[10, "more_units_help"] and not table.loc[10_000, "more_units_help"]
    assert (table["n_groups"][~table["more_units_help"]] == table.loc[np.inf, "n_groups"]).all()


def test_donors_that_do_not_differ_within_classes_need_cells_only():
    table = gde.tl.required_sample_size(_pilot(np.random.default_rng(4), 100, between=0.0), CONTRAST)
    assert table.attrs["between_variance"] < 0.05 and table.loc[10_000, "n_groups"] == 2


def test_a_group_of_one_unit_counts_for_the_means_only():
    pilot = _pilot(np.random.default_rng(5), 50)
    pilot.uns["gde"]["covariances"][3], pilot.uns["gde"]["n_effective"][3] = np.nan, 1
    assert gde.tl.required_sample_size(pilot, CONTRAST).attrs["unit_variance"] == pytest.approx(UNIT)


@pytest.mark.parametrize(
    ("contrast", "error", "message"),
    [
        (("condition", "well", "il"), KeyError, "Did you mean 'ill'"),
        (("state", "well", "ill"), KeyError, "`columns`: 'state'"),
        (("donor", "D1", "D2"), ValueError, "one group"),
    ],
)
def test_bad_input_names_the_cure(contrast, error, message):
    with pytest.raises(error, match=message):
        gde.tl.required_sample_size(_pilot(np.random.default_rng(0), 5), contrast)


def test_a_pilot_without_a_difference_is_refused():
    pilot = _pilot(np.random.default_rng(0), 5)
    pilot.uns["gde"]["embeddings"].iloc[5:] = pilot.uns["gde"]["embeddings"].iloc[:5].to_numpy()
    with pytest.raises(ValueError, match="no difference to find again"):
        gde.tl.required_sample_size(pilot, CONTRAST)


def test_from_a_trained_model(trained, cohort):
    adata = cohort[cohort.obs["part"] == "held_out"].copy()
    trained.get_group_embeddings(adata, return_cov=True)
    adata.obs["condition"] = np.where(adata.obs["severity"] > 0.5, "ill", "well")
    table = gde.tl.required_sample_size(adata, CONTRAST)
    assert (table["n_groups"] >= 2).all() and table["between_share"].between(0, 1).all()
