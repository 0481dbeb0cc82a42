"""The page of ``fates.py``, from its rows."""

from collections import defaultdict

import numpy as np
from _report import provenance_of_rows, spread, table, with_interval
from _rows import Row

OURS = "GDE, whole clones"


def page(rows: list[Row]) -> str:
    """The whole page."""
    return "\n".join(
        [
            "# Fates of clones",
            "",
            *_head(rows),
            "",
            *_table(rows),
            *_paired(rows),
            *_what_follows(rows),
            *provenance_of_rows(rows),
            "",
        ]
    )


def _head(rows: list[Row]) -> list[str]:
    n = ", ".join(str(number) for number in sorted({row["n_clones"] for row in rows}))
    return [
        "Barcoded clones of blood progenitors (LARRY): of the clones with cells at days 2 or 4 and at day 6, one half is learnt from, and the shares of cell types among the late cells of the "
        f"other half ({n} clones) are predicted from their early cells. `GDE, whole clones` is trained on clones as groups with the stage as their batch; from the embedding of the early cells it generates 200 cells of the late stage, which are typed by a classifier "
        "trained on real cells. Its settings are those of the page on clones; this way was tried on halves with seeds 100 to 102, which are not scored here but are of the same clones (mean AUROC 0.85; on components 0.86). `GDE, late cells generated` has early and late cells as groups of their own and maps early embeddings to late ones (ridge, weighted by the covariances of late embeddings); "
        "its settings, a fixed encoder and small networks, are those of the page on perturbations. AUROC, of each fate that at least 3 clones have and lack: does its predicted share tell which clones have such a cell (0.5 by chance)? "
        "Jensen–Shannon distance (0 to 1, 0 is best) between predicted and real shares. Clones have few late cells, so real shares are coarse.",
        "",
        "Figures are means over seeds, which set the halves and the weights, with the lowest and the highest in brackets.",
    ]


def _table(rows: list[Row]) -> list[str]:
    by_method = defaultdict(list)
    for row in rows:
        by_method[row["key"]["method"]].append(row)
    fates = sorted({fate for row in rows for fate in row["metrics"]["auroc"]})
    lines = []
    for method, own in by_method.items():
        metrics = [row["metrics"] for row in own]
        of = [row["auroc"] for row in metrics]
        each = [[scores[fate] for scores in of if fate in scores] for fate in fates]
        lines.append(
            [
                method,
                ", ".join(str(row["key"]["seed"]) for row in own),
                spread([_auroc(row) for row in metrics], 2),
                spread([_jensen_shannon(row) for row in metrics], 2),
                *(f"{np.mean(values):.2f}" if values else "–" for values in each),
                spread([row["cpu_s"] for row in own], 0),
            ]
        )
    return table(["", "seeds", "mean AUROC", "Jensen–Shannon", *(f"AUROC {fate}" for fate in fates), "CPU s"], lines)


def _paired(rows: list[Row]) -> list[str]:
    """GDE less each other method, seed by seed."""
    own = {row["key"]["seed"]: row["metrics"] for row in rows if row["key"]["method"] == OURS}
    found = defaultdict(list)
    for row in rows:
        if row["key"]["method"] != OURS and row["key"]["seed"] in own:
            found[row["key"]["method"]].append((own[row["key"]["seed"]], row["metrics"]))
    lines = [
        [method, *(with_interval([of(a) - of(b) for a, b in pairs], 3, sign="+") for of in (_auroc, _jensen_shannon))]
        for method, pairs in found.items()
    ]
    return [
        "",
        "On the same clones; mean over seeds with a 95 % interval (Student's t), rather too narrow, since halves of different seeds share clones:",
        "",
        *table([f"{OURS} less", "mean AUROC", "Jensen–Shannon"], lines),
    ]


def _auroc(metrics: Row) -> float:
    return float(np.mean(list(metrics["auroc"].values())))


def _jensen_shannon(metrics: Row) -> float:
    return float(np.mean(metrics["jensen_shannon"]))


def _what_follows(rows: list[Row]) -> list[str]:
    """What the table says, in words that hold for the rows measured until 2026-12-01."""
    if not any(row["key"]["method"].startswith("GDE") for row in rows):
        return []
    return [
        "",
        "**Generated late cells tell best which fates a clone has**: the mean AUROC of GDE on whole clones is the highest, above that of the early types and of a ridge regression of the shares on the mean of early cells; the intervals exclude zero. The shares themselves are nearest to the real ones (Jensen–Shannon) if early cells are taken to stay what they are: generated cells are of more types than the one or two that clones have. "
        "With early and late cells as groups of their own, and a regression between their embeddings, GDE loses to all but the mean.",
    ]
