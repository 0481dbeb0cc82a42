"""The page of ``multimodal.py``: Markdown from its JSON, nothing measured here."""

from typing import Any

import numpy as np
import pandas as pd
from _report import provenance_lines, spread, table

TARGET = 0.10  # of the mean relative difference of correlations


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
    header += ["difference, chance"]
    header += [f"{what}, {who}" for what in ("difference", "slope", "r", "margins") for who in ("generated", "halves")]
    rows = [
        [
            name,
            f"{part['generated_pairs'].mean():.0f}",
            spread(part["halves_difference"] / np.sqrt(2), 3),
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
        f"(onek1k), each seen only as a modality of its own. Of the pairs whose real correlation exceeds 0.1: mean relative difference (target: {TARGET:.2f}), slope through the "
        "origin (1: as strong) and Pearson's r over pairs, generated against as many real cells; and what one half of the real cells says of the other. Halves have half "
        "of the cells each, so that chance takes them √2 times as far apart: *chance* is their difference divided by that, what as many other real cells would be expected "
        "to reach. Margins: Wasserstein-1 distance of log1p counts, mean over the variables of the second modality.",
        "",
        *table(header, rows),
        "",
        *(verdict(name, part.mean(numeric_only=True)) for name, part in frame.groupby("data", sort=False)),
        "",
        TRIED,
        "",
        *background(frame[frame["data"] == "simulated"].mean(numeric_only=True)),
    ]


TRIED = "Twice the training, `n_latent_unit=32` and `kl_weight=0.5` were tried on onek1k and did not reach the target."


def verdict(name: str, figures: pd.Series) -> str:
    """Whether the target is reached, and how much of the difference chance would make."""
    found, halves = figures["generated_difference"], figures["halves_difference"]
    reached = "reached" if found <= TARGET else f"missed by {found - TARGET:.3f}"
    where = "above" if halves > TARGET else "below"
    return (
        f"- {name}: the target is {reached}. Halves of the real cells, {halves:.3f} apart, are {where} it themselves; chance alone would put as many other real cells "
        f"{halves / np.sqrt(2):.3f} apart. That generated correlations are {100 * (1 - figures['generated_slope']):.0f} % too weak on the whole is not chance."
    )


def background(figures: pd.Series) -> list[str]:
    """Why proteins have no likelihood of their own."""
    made, halves = figures["generated_margins"], figures["halves_margins"]
    return [
        "Simulated proteins are counts over a background of antibodies that bind to nothing, and are modelled by one negative binomial given the cell's latent vector, not by "
        f"totalVI's mixture of background and foreground (Gayoso et al. 2021, doi 10.1038/s41592-020-01050-x). Their margins are {made:.3f} from the real ones, where halves of the real "
        f"cells are {halves:.3f} apart ({halves / np.sqrt(2):.3f} for as many cells). {made - halves / np.sqrt(2):.3f} of log1p counts is the most that a mixture could gain; it was left out for "
        "so little, and has not been tried. What is generated is a protein's counts with their background; a foreground without it is not estimated.",
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
