"""The page of ``multimodal.py``: Markdown from its JSON, nothing measured here."""

from typing import Any

import numpy as np
import pandas as pd
from _report import provenance_lines, spread, table


def page(results: dict[str, Any]) -> str:
    """The whole page."""
    return "\n".join(
        [
            "# Several modalities",
            "",
            *provenance_lines(results),
            "",
            "Numbers are means over models of different seeds (which are also seeds of the simulated data), with the lowest and the highest where there are "
            f"several. Models were trained for {results['training']['max_epochs'] or 'the default of 40'} epochs of 50 batches of "
            f"{results['training']['batch_size']} cells.",
            "",
            *correlations(results["joint"]),
            *missing(results["joint"]),
            *counterfactual(results["counterfactual"]),
            *(speed(results["speed"]) if "speed" in results else []),
        ]
    )


def correlations(figures: list[dict[str, Any]]) -> list[str]:
    """Correlations between modalities, and the margins of the second."""
    frame = pd.DataFrame(figures)
    header = ["data", "pairs"]
    header += [f"{what}, {who}" for what in ("difference", "slope", "r", "margins") for who in ("generated", "halves")]
    rows = [
        [
            name,
            f"{part['generated_pairs'].mean():.0f}",
            *(
                spread(part[f"{who}_{what}"], 3)
                for what in ("difference", "slope", "r", "margins")
                for who in ("generated", "halves")
            ),
        ]
        for name, part in frame.groupby("data", sort=False)
    ]
    return [
        "## Are modalities of generated cells correlated as in real ones?",
        "",
        "Correlations over cells of log-normalised RNA with a second modality: simulated proteins, or a panel of 60 genes taken out of the RNA of 40 donors "
        "(onek1k), each seen only as a modality of its own. Of the pairs whose real correlation exceeds 0.1: mean relative difference (target: 0.10), slope through the origin "
        "(1: as strong) and Pearson's r over pairs, generated against real cells; and what one half of the real cells says of the other (twice the sampling "
        "noise). Margins: Wasserstein-1 distance of log1p counts, mean over the variables of the second modality.",
        "",
        *table(header, rows),
        "",
    ]


def missing(figures: list[dict[str, Any]]) -> list[str]:
    """Cells that lack modalities."""
    rows = []
    for name, part in pd.DataFrame(figures).groupby("data", sort=False):
        for modality in part["without_half"].iloc[0]:
            of = {
                key: [row[modality] for row in part[key]]
                for key in ("without_half", "donors_below_split_half", "alone")
            }
            rows.append(
                [
                    f"{name}, {modality}",
                    spread(of["without_half"], 2),
                    spread(part["split_half"], 2),
                    f"{100 * np.mean(of['donors_below_split_half']):.0f} %",
                    spread(of["alone"], 2),
                    spread(part["between_donors"], 2),
                ]
            )
    return [
        "## What do missing modalities do to embeddings?",
        "",
        "Mean distance, over donors, between the embedding of all cells and that of the same cells of which a random half has lost a modality; beside it the "
        "distance between random halves of a donor's cells, which it should be below, and for how many donors it is. Then what remains if all cells have this modality "
        "alone (a query that lacks the others), and the distance between donors.",
        "",
        *table(
            ["modality", "half without it", "split halves", "donors below", "this modality alone", "between donors"],
            rows,
        ),
        "",
    ]


def counterfactual(figures: list[dict[str, Any]]) -> list[str]:
    """Other lanes."""
    frame = pd.DataFrame(figures)
    labels = {
        "size_of_effect": "mean absolute effect",
        "generated_error": "mean error, generated",
        "other_donors_error": "mean error, ratio of other donors' means",
        "generated_slope": "slope, generated",
        "depth_true": "log ratio of all counts, true",
        "depth_generated": "log ratio of all counts, generated",
    }
    return [
        "## Donors in another lane",
        "",
        "In lane b of the simulated data each antibody stains more weakly, by a factor of its own. Five donors were measured in lane a alone; "
        '`generate(groups=…, batch="b")` says what lane b would have shown. Log fold changes of the proteins\' shares of all protein counts, b against a, '
        "beside their truth. The effect is the same for all donors here, so that other donors' cells tell it without any model. How deep cells are "
        "follows from the cell and not from the lane, so a lane's own depth has to be given as `library_size`.",
        "",
        *table(["", "log fold change"], [[label, spread(frame[column])] for column, label in labels.items()]),
        "",
    ]


def speed(times: dict[str, list[list[float]]]) -> list[str]:
    """Models of one modality."""
    before = np.array(times["before"])
    rows = []
    for name in ("before", "first with", "now"):
        ratio = np.array(times[name]) / before
        rows.append(
            [
                name,
                *(spread(column, 2) for column in np.array(times[name]).T.tolist()),
                *(f"{np.median(column):.2f} ({column.min():.2f} to {column.max():.2f})" for column in ratio.T),
            ]
        )
    return [
        "## Is a model of one modality as fast as before?",
        "",
        "CPU seconds of 30 steps of training, and of embedding all groups three times, with 5000 simulated cells × 1000 genes: with the source of before "
        "there were models of several modalities, of the commit that brought them, and of now, measured in turn in processes of their own. Ratios are medians "
        "over neighbouring measurements, with the lowest and the highest; what else changed since is in them too.",
        "",
        *table(["source", "training", "embedding", "ratio, training", "ratio, embedding"], rows),
        "",
    ]
