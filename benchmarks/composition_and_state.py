"""Nested groups: is the share of composition in the distances of simulated donors recovered?

python benchmarks/composition_and_state.py --seeds 2
"""

import argparse
import itertools
from typing import Any

import numpy as np
import pandas as pd
from _report import output_folder, provenance, provenance_lines, quiet, spread, table, write

import gde
from gde.stats import composition_and_state

EFFECTS = [(1.0, 0.5), (0.5, 0.5), (0.3, 1.0)]  # of composition and of state


def main() -> None:
    """Measure, and write the results after each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generators", nargs="+", default=["flow_matching", "cvae"], help="of the models")
    parser.add_argument("--seeds", type=int, default=2, help="models for each row")
    parser.add_argument("--epochs", type=int, default=None, help="of each model; None: the default, 40")
    parser.add_argument("--batch-size", type=int, default=1024, help="units in a batch")
    parser.add_argument("--quick", action="store_true", help="smoke run: few cells and steps; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    n_units = 400
    if args.quick:
        args.seeds, args.epochs, n_units = 1, 1, 60
    training = {"max_epochs": args.epochs, "batch_size": args.batch_size}
    results: dict[str, Any] = {**provenance(), "training": training, "decomposition": []}
    folder = output_folder(quick=args.quick)
    for generator, seed, effects in itertools.product(args.generators, range(args.seeds), EFFECTS):
        results["decomposition"].append(decomposition(effects, generator, seed, n_units, training))
        write(results, "composition_and_state", page, folder)


def decomposition(
    effects: tuple[float, float], generator: str, seed: int, n_units: int, training: dict[str, Any]
) -> dict[str, Any]:
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
    model = gde.GDEModel(rna, n_latent=16, generator=generator, seed=seed)
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
        "generator": generator,
        "true_share": true["composition"].sum() / true["squared_distance"].sum(),
        "share": found["composition"].sum() / found["squared_distance"].sum(),
        "median_error_of_a_pair": each.median(),
        "largest_violation_of_the_identity": broken,
    }


def page(results: dict[str, Any]) -> str:
    """The page in the documentation."""
    frame = pd.DataFrame(results["decomposition"]).assign(difference=lambda part: part["share"] - part["true_share"])
    columns = ["true_share", "share", "difference", "median_error_of_a_pair"]
    rows = [
        [f"{generator}, {a} / {b}", *(spread(part[column]) for column in columns)]
        for (generator, a, b), part in frame.groupby(["generator", "composition_effect", "state_effect"], sort=False)
    ]
    training = results["training"]
    return "\n".join(
        [
            "# Composition and state of nested groups",
            "",
            *provenance_lines(results),
            "",
            "Twenty simulated donors of 400 cells differ in the proportions of five cell types (composition) and in what these cells are like (state). The truth "
            "is the share of composition in the squared distances of all pairs of donors, by `gde.stats.composition_and_state` of the simulator's own "
            "proportions and mean latent vectors; beside it the share that `gde.tl.decompose_distance(corrected=True)` finds with a model of the RNA "
            "counts, which chose its own space. Target: a difference of at most 0.05. Means over seeds, of data and model, with the lowest and the highest where there are several. "
            f"Models were trained for {training['max_epochs'] or 'the default of 40'} epochs of 50 batches of {training['batch_size']} cells.",
            "",
            *table(
                [
                    "generator, effects (composition / state)",
                    "true share",
                    "found",
                    "difference",
                    "median error of a single pair",
                ],
                rows,
            ),
            "",
            "The two parts sum to the squared distance of the donors' embeddings (not corrected); the largest relative violation in any pair is "
            f"{frame['largest_violation_of_the_identity'].max():.1e}.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
