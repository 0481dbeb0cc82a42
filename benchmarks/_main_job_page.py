"""The page of ``main_job.py``: Markdown from its JSON, nothing measured here."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from _report import provenance_lines, spread, table, with_interval

BASELINES = {"pseudobulk": "pseudobulk PCA-10", "kernel_mean": "kernel mean"}
NOT_GENERATED = {
    "real": "real cells (half A)",
    "gaussian": "a Gaussian per donor",
    "pooled": "real cells of all donors",
}


def page(results: dict[str, Any]) -> str:
    """The whole page."""
    data, settings = results["data"], results["settings"]
    seeds = ", ".join(str(run["seed"]) for run in results["runs"])
    sections = [
        _robustness(results),
        _generation(results),
        _missing_genes(results),
        _exactness(results),
        _training(results),
    ]
    return "\n".join(
        [
            "# The main job",
            "",
            f"OneK1K subset: {data['n_cells']} cells × {data['n_genes']} genes, {data['n_donors']} donors. A random half A of every donor's "
            f"cells trains the model, half B is kept for the measurements. Seeds: {seeds}; a seed decides split, unseen donors, training and "
            "generation, so baselines vary with it too. Where there are several seeds, a figure is the mean over them, with the lowest and "
            "the highest in brackets. Everything but the generator is the default"
            + (f", except {settings['max_epochs']} epochs." if settings["max_epochs"] else "."),
            "",
            *provenance_lines(results),
            *(line for section in sections for line in ["", *section]),
            "",
        ]
    )


def _generators(results: dict[str, Any]) -> list[str]:
    """Generators that every seed has."""
    return [name for name in results["settings"]["generator"] if all(name in run["models"] for run in results["runs"])]


def _over_seeds(results: dict[str, Any], pick: Callable[[dict[str, Any]], float], decimals: int = 3) -> str:
    return spread([pick(run) for run in results["runs"]], decimals)


COLUMNS = [("all", "halves"), ("all", "small"), ("unseen", "halves"), ("unseen", "small")]


def _robustness(results: dict[str, Any]) -> list[str]:
    n_donors = results["data"]["n_donors"]
    header = [
        f"{n_donors} donors, quarters",
        f"{n_donors} donors, 10 cells",
        f"{n_donors // 4} unseen donors, halves",
        f"{n_donors // 4} unseen donors, 10 cells",
    ]
    means = [["*target*", "*≥ pseudobulk*", "*≥ 0.88 (aim)*", "*≥ pseudobulk*", "*≥ 0.88 (aim)*"]]
    for name in _generators(results):
        means.append(
            [f"GDE, {name}"]
            + [
                _over_seeds(
                    results, lambda run, d=donors, s=size, n=name: np.mean(run["models"][n]["robustness"][d][s])
                )
                for donors, size in COLUMNS
            ]
        )
    for key, name in BASELINES.items():
        means.append(
            [name]
            + [
                _over_seeds(results, lambda run, d=donors, s=size, k=key: np.mean(_baseline(run, k, d, s)))
                for donors, size in COLUMNS
            ]
        )
    differences = [
        [f"{name}, seed {run['seed']}"] + [_paired_difference(run, name, donors, size) for donors, size in COLUMNS]
        for name in _generators(results)
        for run in results["runs"]
    ]
    return [
        "## Do two parts of a donor find each other?",
        "",
        "Replicate robustness, 1 − mean(rank of own other part) / (n − 1): 1 is best, 0.5 is chance. Quarters are two random halves of B; the "
        "unseen donors were left out of a second training, on all cells of the others. No part was trained on, none of the donors in the last "
        f"two columns either. Mean over {results['settings']['repeats']} random pairs of parts.",
        "",
        *table(["", *header], means),
        "",
        "GDE − pseudobulk on the same parts, mean with its 95 % interval over the pairs of parts (it says how much the choice of cells "
        "matters for these donors, not what other donors would give):",
        "",
        *table(["", *header], differences),
    ]


def _baseline(run: dict[str, Any], name: str, donors: str, size: str) -> list[float]:
    return run["baselines"]["robustness"][name][donors][size]


def _paired_difference(run: dict[str, Any], generator: str, donors: str, size: str) -> str:
    own = np.array(run["models"][generator]["robustness"][donors][size])
    return with_interval(own - np.array(_baseline(run, "pseudobulk", donors, size)), sign="+")


def _generation(results: dict[str, Any]) -> list[str]:
    targets = [
        "≤ 0.16 (aim 0.08)",
        "≤ 0.63 (aim 0.56)",
        "≥ 0.9",
        "≥ 0.995",
        "≥ 0.98",
        "within ±0.01",
        *["0.9 to 1.1"] * 3,
    ]
    rows = [["*target*", *(f"*{target}*" for target in targets)]]
    for name in _generators(results):
        rows.append(
            [f"GDE, {name}", *_generation_cells([run["models"][name]["generation"] for run in results["runs"]])]
        )
    for key, name in NOT_GENERATED.items():
        rows.append([name, *_generation_cells([run["baselines"]["generation"][key] for run in results["runs"]])])
    columns = [
        "energy distance",
        "AUC",
        "rank score",
        "r of gene means",
        "r of gene variances",
        "zero fraction",
        "library 5 %",
        "library 50 %",
        "library 95 %",
    ]
    return [
        "## Are generated cells like real ones?",
        "",
        "As many cells as a donor has in B are generated from the embedding of its half A, and compared with B. Energy distance (Euclidean, "
        "unbiased; mean over donors with its 95 % interval over donors, each donor's value being its mean over seeds), random-forest AUC of all "
        "donors pooled, and rank score (does a donor's mean find its own donor in B?) in 20 principal components of log1p(counts / total × "
        "700), fitted on all real cells. r is Pearson's, over genes, of log1p means and log1p variances; zero fraction is the difference, "
        "generated − real; library sizes are ratios of quantiles, generated / real.",
        "",
        *table(["", *columns], rows),
    ]


def _generation_cells(scores: Sequence[dict[str, Any]]) -> list[str]:
    """A row of the table from the scores of each seed."""
    donors = scores[0]["energy_distance"]
    per_donor = [float(np.mean([score["energy_distance"][donor] for score in scores])) for donor in donors]
    cells = [
        with_interval(per_donor),
        *(spread([score[key] for score in scores]) for key in ("c2st_auc", "rank_score")),
    ]
    if "genes" not in scores[0]:
        return cells + ["–"] * 6
    decimals = {"mean_pearson": 4, "variance_pearson": 4, "zero_fraction_difference": 4}
    return cells + [
        spread([score["genes"][key] for score in scores], decimals.get(key, 3)) for key in scores[0]["genes"]
    ]


def _missing_genes(results: dict[str, Any]) -> list[str]:
    names = _generators(results)
    rows = []
    for i, row in enumerate(results["runs"][0]["models"][names[0]]["missing_genes"] if names else []):
        rows.append(
            [f"{row['share']:.0%}"]
            + [
                _over_seeds(results, lambda run, n=name, k=kind, i=i: run["models"][n]["missing_genes"][i][k])
                for name in names
                for kind in ("masked", "zeros")
            ]
        )
    return [
        "## What missing genes cost",
        "",
        "Half B is embedded without a random share of the genes and looks for its donor among the embeddings of A with all genes (rank score; "
        "0.5 is chance). *Masked* is `allow_missing_genes=True`; *zeros* is what filling the missing genes with zeros would give. Mean over "
        f"{results['settings']['gene_draws']} random choices of genes.",
        "",
        *table(["missing", *(f"{name}, {kind}" for name in names for kind in ("masked", "zeros"))], rows),
    ]


def _exactness(results: dict[str, Any]) -> list[str]:
    names = _generators(results)

    def worst(key: str) -> list[str]:
        values = [[run["models"][name]["exactness"][key] for run in results["runs"]] for name in names]
        if isinstance(values[0][0], bool):
            return ["yes" if all(of_seeds) else "no" for of_seeds in values]
        return [f"{max(of_seeds):.1e}" for of_seeds in values]

    checks = [
        ("in chunks of 32 cells or in one", "≤ 1e-5", "chunked"),
        ("cells in another order", "≤ 1e-5", "permuted"),
        ("each cell three times", "≤ 1e-5", "replicated"),
        ("two short trainings with one seed: bit-identical", "yes", "same_seed_identical"),
        ("save, load, embed: bit-identical", "yes", "loaded_identical"),
        ("*largest entry of an embedding, for scale*", "", "largest_embedding"),
    ]
    rows = [[label, target, *worst(key)] for label, target, key in checks] if names else []
    return [
        "## What must not change an embedding",
        "",
        "Largest absolute difference, the worst of all seeds.",
        "",
        *table(["", "target", *names], rows),
    ]


def _training(results: dict[str, Any]) -> list[str]:
    names = _generators(results)
    rows = [
        [label, *(_over_seeds(results, lambda run, n=name, p=pick: p(run["models"][n]), 0) for name in names)]
        for label, pick in {
            "half A of all donors: cells": lambda model: model["training"]["n_cells"],
            "epochs": lambda model: model["training"]["n_epochs"],
            "steps": lambda model: model["training"]["n_steps"],
            "wall time, s": lambda model: model["training"]["wall_s"],
            "CPU time, s": lambda model: model["training"]["cpu_s"],
            "without the unseen donors: cells": lambda model: model["training_unseen"]["n_cells"],
            "steps ": lambda model: model["training_unseen"]["n_steps"],
            "wall time, s ": lambda model: model["training_unseen"]["wall_s"],
            "CPU time, s ": lambda model: model["training_unseen"]["cpu_s"],
            "generation, cells/s": lambda model: model["generating_cells_per_s"],
        }.items()
    ]
    return ["## Budget", "", *table(["", *names], rows)]
