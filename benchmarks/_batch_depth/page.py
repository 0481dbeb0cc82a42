"""The page of the benchmark."""

from typing import Any

from _report import provenance_of_rows, spread, table

GROUPS = {
    "donor": "Groups are donors, whose cells come from both batches",
    "sample": "Groups are samples, each in one batch",
}
DEPTHS = {1.0: "batches of equal depth", 0.3: "the second batch with 30 % of the depth"}
COLUMNS = {
    "r2_batch": "R² on batch",
    "r2_axis": "R² on axis",
    "axis_from_z": "axis from z",
    "batch_removal": "batch removal",
    "donor_beside_itself": "donor beside itself",
}


def page(rows: list[dict[str, Any]]) -> str:
    """The whole page."""
    lines = [
        "# Batch and depth",
        "",
        "24 simulated donors along a hidden axis, each sequenced in two batches (`gde.datasets.simulate_cohort`, 200 genes, median of 300 counts a cell). The generator always "
        "gets the batch. *Covariates*: the encoder gets it too (`encode_covariates=True`). *Thinning*: in training the encoder sees each half of a set with 20 to 100 % of its "
        "counts (`thinning=0.8`). What a donor has in one batch is embedded by itself, which gives 48 samples:",
        "",
        "- *R² on batch*, *R² on axis*: share of the variance of z that a regression on the batch, or on the donor's place on the hidden axis, explains;",
        "- *axis from z*: R² of that place by ridge regression on z, cross-validated over donors;",
        "- *batch removal*: 1 − the rescaled F1 of the batch by a vote of the three nearest samples: 1 if it cannot be told, 0 if it always can;",
        "- *donor beside itself*: replicate robustness of the two samples of a donor: 1 if each is the other's nearest, 0.5 by chance;",
        "- *to 50 %*, *to 25 %*: how far z moves if a group's counts are thinned, in units of the distance between its two random halves; below 1 is less than its noise (medians over groups).",
        "",
    ]
    for group, title in GROUPS.items():
        for depth, of_depth in DEPTHS.items():
            own = [row for row in rows if (row["key"]["group"], row["key"]["shallow"]) == (group, depth)]
            if own:
                lines += [f"## {title}; {of_depth}", "", *_table(own), ""]
    return "\n".join([*lines, *_conclusion(), *provenance_of_rows(rows), ""])


def _table(rows: list[dict[str, Any]]) -> list[str]:
    settings = list(dict.fromkeys(row["key"]["setting"] for row in rows))
    body = []
    for setting in settings:
        own = [row for row in rows if row["key"]["setting"] == setting]
        cells = [spread([row[name] for row in own], 2) for name in COLUMNS]
        cells += [spread([row["moved"][kept] for row in own], 2) for kept in ("0.5", "0.25")]
        body.append([setting, *cells, spread([row["cpu_s"] for row in own], 0)])
    return table(["", *COLUMNS.values(), "to 50 %", "to 25 %", "CPU s"], body)


def _conclusion() -> list[str]:
    return [
        "## What follows",
        "",
        "What keeps the batch out of z is the choice of groups: where a group has cells of several batches, the batch says nothing of the group and z does not carry it. Where each "
        "group lies in one batch, z carries the batch whether or not the encoder gets it, since nothing in the loss asks it to forget. So name the donor, not the sample, in "
        "`group_key` and the batch in `batch_key`; samples can be embedded afterwards by passing their cells. `encode_covariates` is off by default for that reason.",
        "",
        "`thinning` lessens what depth does to z at the same cost. Half of the counts then move z by less than its noise; a quarter by about as much. It is off by default, since "
        "cohorts of one simulator are little evidence: turn it on where depth differs between groups.",
        "",
    ]
