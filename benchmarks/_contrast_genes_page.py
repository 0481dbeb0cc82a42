"""The page of ``contrast_genes.py``: Markdown from its JSON, nothing measured here."""

from typing import Any

import numpy as np
from _report import provenance_lines, spread, table, with_interval

TITLES = {
    "panobinostat": "Panobinostat: 5 treated against 5 untreated glioblastoma samples",
    "onek1k": "OneK1K: single donors against each other",
}
CLUSTERS = "These data have no cell types: 5 k-means clusters of 15 principal components stand for them."


def page(results: dict[str, Any]) -> str:
    """The whole page."""
    settings = results["settings"]
    return "\n".join(
        [
            "# Contrasts of genes",
            "",
            "`gde.tl.contrast_genes` against differences of pseudobulks. A random half A of each group's cells trains the model; pseudobulks of half B are the "
            f"reference. The ceiling is what pseudobulks of A reach. One model for each data set, seed {settings['seed']}, everything at its default; "
            f"{settings['n_units']} cells generated for each group, a quarter of that for the null.",
            "",
            *provenance_lines(results),
            *(line for name, data in results["data"].items() for line in _section(name, data, results["top"])),
            "",
        ]
    )


def _section(name: str, data: dict[str, Any], top: list[int]) -> list[str]:
    contrasts = data["contrasts"]
    keys = ["spearman_difference", "spearman_fold_change", *(f"top_{k}" for k in top)]
    titles = ["Spearman, difference", "Spearman, log2 fold change", *(f"top {k}" for k in top)]
    rows = [
        [label, *(spread([contrast[who][key] for contrast in contrasts], 2) for key in keys)]
        for label, who in {"generated": "generated", "pseudobulk of A (ceiling)": "real"}.items()
    ]
    null = {
        "difference": "generated, difference",
        "composition": "… composition",
        "state": "… state",
        "real": "pseudobulk of B, Welch",
    }
    share = np.mean([contrast["composition_share"] for contrast in contrasts])
    accuracy = np.mean([contrast["classifier_accuracy"] for contrast in contrasts])
    return [
        "",
        f"## {TITLES[name]}",
        "",
        f"{data['n_cells']} training cells × {data['n_genes']} genes, {data['n_groups']} groups; {len(contrasts)} "
        f"contrast{'s, mean (lowest to highest)' if len(contrasts) > 1 else ''}. Agreement with the pseudobulks of B over all genes, "
        "and share of the genes with the largest differences that are the same.",
        *(["", CLUSTERS] if name == "panobinostat" else []),
        "",
        *table(["", *titles], rows),
        "",
        f"Composition makes {share:.0%} of the sum of squares of both parts; the classifier's accuracy is {accuracy:.2f}. A contrast takes "
        f"{np.mean([contrast['wall_s'] for contrast in contrasts]):.0f} s, training {data['training_wall_s']:.0f} s.",
        "",
        f"Null: {len(data['null'])} random splits of one class; share of genes whose 95 % interval over groups excludes zero (5 % is nominal). Genes move together, so splits "
        "vary much; the interval is of the mean over splits, which share groups.",
        "",
        *table(
            ["", "share"],
            [[label, with_interval([split[key] for split in data["null"]], 3)] for key, label in null.items()],
        ),
    ]
