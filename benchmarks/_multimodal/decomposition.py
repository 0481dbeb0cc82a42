"""Shares of composition and state in the distances of simulated donors."""

import itertools
from typing import Any

import numpy as np
import pandas as pd

import gde
from gde.stats import composition_and_state

EFFECTS = [(1.0, 0.5), (0.5, 0.5), (0.3, 1.0)]  # of composition and of state
GENERATOR = "cvae"  # half the cost of the default


def decomposition(effects: tuple[float, float], seed: int, n_units: int, training: dict[str, Any]) -> dict[str, Any]:
    """Share of composition in the squared distances of donors, in the latent space of the simulator and from a model of the RNA."""
    composition, state = effects
    mdata = gde.datasets.simulate_multimodal(
        20, n_units=n_units, composition_effect=composition, state_effect=state, seed=seed
    )
    truth = mdata.uns["truth"]
    share, centres = truth["composition"].to_numpy(), truth["state"]
    pairs = list(itertools.combinations(range(len(share)), 2))
    true = pd.DataFrame([composition_and_state(share[[a, b]], centres[[a, b]]) for a, b in pairs])
    rna = mdata["rna"].copy()
    rna.obs = mdata.obs.loc[rna.obs_names, ["donor", "cell_type"]].copy()
    gde.setup_anndata(rna, group_key=["donor", "cell_type"])
    model = gde.GDEModel(rna, n_latent=16, generator=GENERATOR, seed=seed)
    model.train(**training, enable_progress_bar=False, accelerator="cpu")
    model.get_group_embeddings(return_cov=True)
    found = gde.tl.decompose_distance(rna, "donor", corrected=True)
    each = (true["composition"] / true["squared_distance"] - found["share_composition"]).abs()
    donors, plain = gde.get.group_adata(rna, level="donor").to_df(), gde.tl.decompose_distance(rna, "donor")
    squared = np.square(donors.loc[plain["a"]].to_numpy() - donors.loc[plain["b"]].to_numpy()).sum(axis=1)
    broken = ((plain["composition"] + plain["state"]) / squared - 1).abs().max()
    return {
        "composition_effect": composition,
        "state_effect": state,
        "seed": seed,
        "generator": GENERATOR,
        "true_share": true["composition"].sum() / true["squared_distance"].sum(),
        "share": found["composition"].sum() / found["squared_distance"].sum(),
        "median_error_of_a_pair": each.median(),
        "largest_violation_of_the_identity": broken,
    }
