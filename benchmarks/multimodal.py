"""Several modalities and nested groups: shares of composition and state, cross-modal correlations, missing modalities.

python benchmarks/multimodal.py --seeds 2
"""

import argparse
import itertools
from typing import Any

import anndata as ad
import mudata
import numpy as np
import pandas as pd
import scipy.sparse as sp
from _report import output_folder, provenance, provenance_lines, quiet, spread, stopwatch, table, test_data, write

import gde
from gde.stats import composition_and_state

EFFECTS = [(1.0, 0.5), (0.5, 0.5), (0.3, 1.0)]  # of composition and of state
SIMULATED = {"rna": {}, "prot": {}, "atac": {"likelihood": "bernoulli"}}
REAL = {"rna": {}, "panel": {}}
N_PANEL = 60
CLEAR = 0.1  # correlations below this are mostly noise


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help="models for each row")
    parser.add_argument("--epochs", type=int, default=None, help="of each model; None: the default")
    parser.add_argument("--quick", action="store_true", help="smoke run: few cells and steps; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    if args.quick:
        args.seeds, args.epochs = 1, 1
    n_units = 60 if args.quick else 400
    results: dict[str, Any] = {
        **provenance(),
        "decomposition": [
            decomposition(effects, seed, n_units, args.epochs) for effects in EFFECTS for seed in range(args.seeds)
        ],
        "joint": [],
    }
    for seed in range(args.seeds):
        simulated = gde.datasets.simulate_multimodal(20, n_units=n_units, missing={"prot": 0.2, "atac": 0.2}, seed=seed)
        for name, mdata, modalities in (("simulated", simulated, SIMULATED), ("onek1k", real(args.quick), REAL)):
            results["joint"].append({"data": name, "seed": seed, **joint(mdata, modalities, seed, args.epochs)})
    write(results, "multimodal", page, output_folder(quick=args.quick))


def train(model: gde.GDEModel, epochs: int | None) -> gde.GDEModel:
    """A model trained as users do."""
    model.train(max_epochs=epochs, enable_progress_bar=False, accelerator="cpu")
    return model


def decomposition(effects: tuple[float, float], seed: int, n_units: int, epochs: int | None) -> dict[str, Any]:
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
    train(gde.GDEModel(rna, n_latent=16, seed=seed), epochs).get_group_embeddings(return_cov=True)
    found = gde.tl.decompose_distance(rna, "donor", corrected=True)
    each = (true["composition"] / true["squared_distance"] - found["share_composition"]).abs()
    return {
        "composition_effect": composition,
        "state_effect": state,
        "seed": seed,
        "true_share": true["composition"].sum() / true["squared_distance"].sum(),
        "share": found["composition"].sum() / found["squared_distance"].sum(),
        "median_error_of_a_pair": each.median(),
    }


def real(quick: bool) -> mudata.MuData:
    """Forty donors' RNA; a panel of variable genes, taken out of the RNA, stands for a second measurement of the same cells."""
    adata = ad.read_h5ad(test_data("onek1k_40donors.h5ad"))
    if quick:
        adata = adata[::10].copy()
    donor = next(name for name in ("donor", "donor_id", "individual") if name in adata.obs)
    counts = sp.csr_matrix(adata.layers["counts"] if "counts" in adata.layers else adata.X, dtype=np.float32)
    detected = np.asarray((counts > 0).mean(axis=0)).ravel()
    frequent = np.argsort(-detected)[: 10 * N_PANEL]
    panel = np.sort(np.random.default_rng(0).permutation(frequent)[:N_PANEL])
    others = np.setdiff1d(np.arange(adata.n_vars), panel)
    modalities = {
        name: ad.AnnData(counts[:, genes], obs=adata.obs[[]].copy(), var=adata.var[[]].iloc[genes].copy())
        for name, genes in (("rna", others), ("panel", panel))
    }
    with mudata.set_options(pull_on_update=False):
        mdata = mudata.MuData(modalities)
    mdata.obs["donor"] = adata.obs[donor].astype(str)
    return mdata


def joint(mdata: mudata.MuData, modalities: dict[str, Any], seed: int, epochs: int | None) -> dict[str, Any]:
    """Correlations between modalities of generated and real cells, and what missing modalities do to embeddings."""
    second = list(modalities)[1]
    gde.setup_mudata(mdata, "donor", modalities=modalities)
    with stopwatch() as timing:
        model = train(gde.GDEModel(mdata, seed=seed), epochs)
    both = mdata[(mdata.obsm["_gde_measured"][:, :2] > 0).all(axis=1)].copy()
    sizes = both.obs["donor"].value_counts()
    new = model.generate(groups=sizes.index.tolist(), n_units=sizes.tolist(), seed=seed)
    is_half = np.random.default_rng(seed).random(both.n_obs) < 0.5
    correlations = [
        cross_correlations(cells, second) for cells in (both, new, both[is_half].copy(), both[~is_half].copy())
    ]
    return {
        "n_cells": mdata.n_obs,
        "cpu_s": timing.cpu_s,
        **agreement("generated", correlations[0], correlations[1]),
        **agreement("halves", correlations[2], correlations[3]),
        **missing(model, mdata, second, seed),
    }


def cross_correlations(mdata: mudata.MuData, second: str) -> np.ndarray:
    """Correlations of the most variable log-normalised genes with the variables of a second modality, over all cells."""
    parts = []
    for name in ("rna", second):
        counts = mdata[name][mdata.obs_names].X.toarray().astype(float)
        total = counts.sum(1, keepdims=True).clip(1)
        scale = np.median(total) / total if name == "rna" else 1.0
        parts.append(np.log1p(counts * scale))
    genes, others = parts
    stacked = np.corrcoef(np.concatenate([genes, others], axis=1).T)
    return np.nan_to_num(stacked[: genes.shape[1], genes.shape[1] :])


def agreement(what: str, real: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """Slope and correlation of other correlations on the real ones, where these are clear."""
    clear = np.abs(real) > CLEAR
    x, y = real[clear], other[clear]
    return {
        f"{what}_slope": float(x @ y / (x @ x)) if len(x) else float("nan"),
        f"{what}_r": float(np.corrcoef(x, y)[0, 1]) if len(x) > 1 else float("nan"),
        f"{what}_pairs": int(clear.sum()),
    }


def missing(model: gde.GDEModel, mdata: mudata.MuData, second: str, seed: int) -> dict[str, float]:
    """Change of embeddings when half of the cells lose a modality, and the difference between halves of a donor's cells."""
    rng = np.random.default_rng(seed)
    full = model.get_group_embeddings(key_added=None)
    lost = {}
    for name in ("rna", second):
        others = mdata.obsm["_gde_measured"].sum(axis=1) > 1
        drop = mdata.obs_names[others & (rng.random(mdata.n_obs) < 0.5)]
        parts = {key: mdata[key] for key in mdata.mod}
        parts[name] = parts[name][~parts[name].obs_names.isin(drop)]
        with mudata.set_options(pull_on_update=False):
            fewer = mudata.MuData({key: part.copy() for key, part in parts.items()})
        fewer.obs["donor"] = mdata.obs["donor"]
        lost[name] = model.get_group_embeddings(fewer, key_added=None)
    is_half = rng.random(mdata.n_obs) < 0.5
    halves = [model.get_group_embeddings(mdata[rows].copy(), key_added=None) for rows in (is_half, ~is_half)]
    distance = lambda a, b: float(np.sqrt(np.square(a - b.loc[a.index]).sum(axis=1)).mean())
    return {
        "split_half": distance(*halves),
        "without_half_rna": distance(full, lost["rna"]),
        "without_half_second": distance(full, lost[second]),
        "between_donors": float(
            np.mean([distance(full, full.sample(frac=1, random_state=i).set_axis(full.index)) for i in range(5)])
        ),
    }


def page(results: dict[str, Any]) -> str:
    """The page in the documentation."""
    rows = pd.DataFrame(results["decomposition"]).groupby(["composition_effect", "state_effect"], sort=False)
    shares = [
        [
            f"{a} / {b}",
            spread(part["true_share"]),
            spread(part["share"]),
            spread(part["share"] - part["true_share"]),
            spread(part["median_error_of_a_pair"]),
        ]
        for (a, b), part in rows
    ]
    joint_rows = pd.DataFrame(results["joint"]).groupby("data", sort=False)
    kept = [
        [name, *(spread(part[column], 2) for column in ("generated_slope", "generated_r", "halves_slope", "halves_r"))]
        for name, part in joint_rows
    ]
    robust = [
        [
            name,
            *(
                spread(part[column], 2)
                for column in ("without_half_rna", "without_half_second", "split_half", "between_donors")
            ),
        ]
        for name, part in joint_rows
    ]
    lines = [
        "# Several modalities and nested groups",
        "",
        *provenance_lines(results),
        "",
        "Numbers are means over models of different seeds (which are also seeds of the simulated data), with the lowest and the highest.",
        "",
        "## How much of the distance is composition",
        "",
        "Twenty simulated donors differ in the proportions of five cell types (composition) and in what these cells are like (state). The truth is the",
        "share of composition in the squared distances of all pairs of donors, by `gde.stats.composition_and_state` of the simulator's own proportions and mean",
        "latent vectors; beside it the share that `gde.tl.decompose_distance(corrected=True)` finds with a model of the RNA counts, which chose its own",
        "space.",
        "",
        *table(
            ["effects (composition / state)", "true share", "found", "difference", "median error of a single pair"],
            shares,
        ),
        "",
        "## Are modalities of generated cells correlated as in real ones?",
        "",
        "Correlations over cells of log-normalised RNA with a second modality: simulated proteins, or a panel of 60 genes taken out of the RNA of 40 donors",
        f"(onek1k), each seen only as a modality of its own. Pairs whose real correlation exceeds {CLEAR}; generated against real: slope through the origin",
        "(1: as strong) and Pearson's r over pairs. Beside them what one half of the real cells says of the other.",
        "",
        *table(["data", "slope", "r", "slope, halves", "r, halves"], kept),
        "",
        "## What do missing modalities do to embeddings?",
        "",
        "Mean distance, over donors, between the embedding of all cells and that of the same cells of which a random half has lost a modality; beside it the",
        "distance between random halves of a donor's cells, and between donors.",
        "",
        *table(["data", "half without RNA", "half without the second", "split halves", "between donors"], robust),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
