"""The page of ``donors.py``, from its rows."""

from collections import defaultdict

import numpy as np
from _report import provenance_of_rows, spread, table, with_interval
from _rows import Row

from _groups.cohorts import COHORTS
from _groups.missing import missing

LABEL_SCORES = {
    "information_retention": "information retention",
    "roc_auc": "ROC-AUC",
    "balanced_accuracy": "balanced accuracy",
}


def page(rows: list[Row]) -> str:
    """The whole page."""
    sections = [
        line for name, cohort in COHORTS.items() for line in _section(rows, name, " ".join(cohort.__doc__.split()))
    ]
    return "\n".join(
        ["# Donors", "", *_head(), *missing(rows), *sections, *_paired(rows), *provenance_of_rows(rows), ""]
    )


def _head() -> list[str]:
    return [
        "Everything is fitted, without labels, on a random half of each group's units. `Replicate robustness` takes two parts of 10 units from the other half of each group that "
        "has 20 there: do they find each other among all groups? The other scores embed all units of all groups and ask for the label: from the 3 nearest groups "
        "(information retention), and by cross-validated logistic regression. Methods that only have distances get vectors from them by classical scaling into 10 dimensions.",
        "",
        "Figures are means over seeds, with the lowest and the highest in brackets; a seed sets the halves, the parts, the weights and the folds. The last columns show, in seed 0, how far "
        "other patients of the kind could move a figure: the 95 % bootstrap interval over groups of fixed predictions. `random` is what chance reaches in a cohort of this size. CPU seconds are "
        "of all that a row does, training included.",
    ]


def _of(rows: list[Row], cohort: str) -> dict[str, list[Row]]:
    groups = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["key"]["seed"]):
        if row["key"]["cohort"] == cohort:
            groups[row["key"]["method"]].append(row)
    return groups


def _section(rows: list[Row], cohort: str, title: str) -> list[str]:
    groups = _of(rows, cohort)
    if not groups:
        return []
    lines = [
        [
            method,
            ", ".join(str(row["key"]["seed"]) for row in own),
            spread([np.mean(row["metrics"]["robustness"]) for row in own], 2),
            *(spread([row["metrics"][score][0] for row in own], 2) for score in LABEL_SCORES),
            *("{1:.2f} to {2:.2f}".format(*own[0]["metrics"][score]) for score in ("information_retention", "roc_auc")),
            spread([row["cpu_s"] for row in own], 0),
        ]
        for method, own in groups.items()
    ]
    header = [
        "",
        "seeds",
        "replicate robustness",
        *LABEL_SCORES.values(),
        "interval, retention",
        "interval, AUC",
        "CPU s",
    ]
    return ["", f"## {title}", "", *table(header, lines)]


def _paired(rows: list[Row]) -> list[str]:
    """GDE less each other method on the same cohort and seed."""
    found = defaultdict(lambda: defaultdict(list))
    by_key = {(row["key"]["cohort"], row["key"]["seed"], row["key"]["method"]): row["metrics"] for row in rows}
    for (cohort, seed, method), metrics in by_key.items():
        if method == "GDE" or (own := by_key.get((cohort, seed, "GDE"))) is None:
            continue
        found[method]["robustness"].append(np.mean(own["robustness"]) - np.mean(metrics["robustness"]))
        for score in LABEL_SCORES:
            found[method][score].append(own[score][0] - metrics[score][0])
    if not found:
        return []
    scores = {"robustness": "replicate robustness"} | LABEL_SCORES
    lines = [
        [method, str(len(of["robustness"])), *(with_interval(of[score], 3, sign="+") for score in scores)]
        for method, of in found.items()
    ]
    return [
        "",
        "## GDE less the others",
        "",
        "Differences on the same cohort and seed, mean over both with a 95 % interval (Student's t; seeds of a cohort share its groups, so it is rather too narrow).",
        "",
        *table(["GDE less", "pairs", *scores.values()], lines),
    ]
