"""The page of ``uncertainty.py``: Markdown from its JSON, nothing measured here."""

from typing import Any

from _report import provenance_of_rows, table
from _rows import Row


def page(rows: list[Row]) -> str:
    """The whole page."""
    return "\n".join(
        [
            "# Error bars and tests",
            "",
            "Whether the central limit theorem of an embedding holds in numbers. Each figure is a mean with its Monte Carlo standard error, clustered by "
            "distribution or donor, since replicates of one are not independent.",
            "",
            "Limits: joint regions and tests see only the directions in which an embedding varies (more than 1e-3 of the largest variance), and say nothing "
            "about the others, where the theorem does not hold for sets of this size (columns *all*). With few cells of real donors the correction by covariances, a linear approximation, takes away too much; the one "
            "by halves, each set cut in two, makes no approximation. A row further than two standard errors from zero has missed its aim.",
            "",
            *(line for row in rows for line in {"simulated": _simulated, "donors": _donors}[row["key"]["part"]](row)),
            *provenance_of_rows(rows),
            "",
        ]
    )


def _simulated(run: Row) -> list[str]:
    spectrum = ", ".join(f"{value:.1e}" for value in run["spectrum"])
    return [
        f"## Simulated sets, `{run['key']['encoder']}`, n_latent {run['key']['n_latent']}",
        "",
        f"{run['key']['n_sets']} Gaussians of the task Normal × 50 replicate sets of m units, embedded by a model trained for {run['key']['budget']:g} s of CPU time "
        f"({run['n_steps']} steps, n_hidden 64). The truth is the embedding of 10⁵ units. Variances of an embedding of 1000 units in its principal "
        f"directions, as shares of the largest (median): {spectrum}.",
        "",
        "Coverage in percent; aim: within 2 points of 80 and 95 at m = 50, 200, 1000. A joint region takes the directions with more than 1e-3 of the largest variance; how many those are "
        "stands beside it. The last columns take all directions.",
        "",
        *table(
            ["m", "method", "directions", "joint, 80", "joint, 95", "single, 80", "single, 95", "all, 80", "all, 95"],
            [
                [
                    m,
                    row["method"],
                    f"{row['directions']:.2f}",
                    *(
                        _percent(row[f"{kind} {level}"])
                        for kind in ("joint", "single", "all directions")
                        for level in (0.8, 0.95)
                    ),
                ]
                for m, row in run["coverage"].items()
            ],
        ),
        "",
        f"Rejections in percent of the two-group test at 5 %, between replicates of one distribution ({50 * run['key']['n_sets']} pairs a row); aim: 4 to 6.",
        "",
        *_rejections("units", run["null"]),
        "",
        *_distances(run),
    ]


def _donors(run: Row) -> list[str]:
    low, high = run["n_cells"]
    return [
        f"## Halves of donors, n_latent {run['key']['n_latent']}",
        "",
        f"OneK1K subset, {low} to {high} cells a donor; three quarters of the donors trained a model with the defaults (seed {run['key']['seed']}), the others are new to it. Rejections in percent of the "
        "two-group test at 5 % between random halves of one donor, 50 splits each; what is not rejected is a 95 % region of the difference that covers zero. Aim: 3 to 7.",
        "",
        *_rejections("", run["halves"]),
        "",
        "Halves are drawn without replacement, and the covariances that the test adds up are those of independent samples. That is right: two disjoint sets of m of a donor's n cells have variances "
        "(1 − m / n) S² / m each and covariance −S² / n, so that their difference has 2 S² / m, whatever n is; so have independent samples of a population.",
        "",
        *_distances(run),
    ]


def _rejections(name: str, rows: dict[str, Any]) -> list[str]:
    return table(
        [name, "method", "directions", "rejected"],
        [[key, row["method"], f"{row['directions']:.2f}", _percent(row["rejected"])] for key, row in rows.items()],
    )


def _distances(run: dict[str, Any]) -> list[str]:
    return [
        "Mean squared distance of two sets of the same kind with m units each; aim: the corrected one within two standard errors of zero. The slope of the uncorrected one "
        f"against m, both logarithmic, is {run['slope']:.3f} (aim: −1).",
        "",
        *table(
            ["m", "uncorrected", "corrected", "in standard errors", "by halves", "in standard errors"],
            [
                [
                    m,
                    f"{row['uncorrected']['mean']:.3g} ± {row['uncorrected']['se']:.1g}",
                    *_zero(row["corrected"]),
                    *_zero(row.get("by halves")),
                ]
                for m, row in run["distances"].items()
            ],
        ),
        "",
    ]


def _zero(figure: dict[str, float] | None) -> list[str]:
    """A figure that should be zero."""
    if figure is None:
        return ["", ""]
    return [f"{figure['mean']:+.2g} ± {figure['se']:.1g}", f"{figure['mean'] / figure['se']:+.1f}"]


def _percent(figure: dict[str, float]) -> str:
    return f"{100 * figure['mean']:.1f} ± {100 * figure['se']:.1f}"
