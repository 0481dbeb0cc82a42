"""The page of ``perturbations.py``, from its rows."""

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
from _report import provenance_of_rows, spread, table
from _rows import Row

CEILING = "real halves"
N_DRAWS = 500
TITLES = {
    "guides": "Leave guides out: one guide of each target is known, the other is predicted",
    "targets": "Leave targets out: neither guide of a target is known",
    "patients": "Glioblastoma: treated cells of an unseen patient from the untreated",
}
SCORES = {
    "pearson_delta": "Pearson, shift",
    "discrimination_cosine": "discrimination, cosine",
    "discrimination_cityblock": "discrimination, L1",
    "energy_distance": "energy distance",
}


def page(rows: list[Row]) -> str:
    """The whole page."""
    sections = [line for part in TITLES for line in _part(rows, part)]
    return "\n".join(["# Perturbations", "", *_head(), *sections, *provenance_of_rows(rows), ""])


def _head() -> list[str]:
    return [
        "Cells of perturbations that are not in training are predicted, and compared with the real ones: the shift of the mean of log-normalised counts against the control "
        "(R² is pooled: 1 - sum of squared errors / sum of squared effects, 0 for no effect; 1000 x MSE), its correlation, whether it is nearest to its own real effect "
        "(discrimination, 0.5 by chance), and the energy distance of the cells in 20 principal components.",
        "",
        "`GDE` and `scVI` learn the shift of their embedding by the same ridge regression (`gde.tl.EmbeddingRegressor`) and make cells of it, of which the cells made of the "
        "control in the same way are taken off; `direct regression` learns the mean shift from the same features. Baselines without a network move the control's own real cells by the "
        f"predicted mean shift, which keeps their energy distance free of any flaw of a generator. `{CEILING}` is one half of the real cells as the prediction of the other; both halves are noisier "
        "than what methods learn from and are compared with, so a method may pass it.",
        "",
        "The screen (Datlinger et al. 2021) is shallow, and its cells are seen in the 500 genes with most counts, without targets. Features are protein families "
        "of the targets, written down by hand; where one guide of a target is known, also which target it is. `gene_features` is no help here: 6 of the 20 targets are "
        "among the 2,000 genes, and no more than 5 of the 200 control cells show any of them. In brackets: 95 % bootstrap intervals over targets (patients) of the fixed predictions, "
        "mean over seeds. Peak memory is not reported: all methods ran in one process, which keeps what it has freed, so that the `peak_mb` of rows does not compare them.",
        "",
        "Every effect is taken against one control of 140 stimulated or 60 unstimulated cells, whose noise is a part of all effects alike. What learns from real shifts against this very control (mean "
        "response, direct regression) predicts that noise, too; `GDE` and `scVI`, whose shifts are against cells made of the control, cannot. So the lead of the former, "
        "largest among unstimulated cells, where the control is smallest, is not all biology; how much of it is has not been measured.",
        "",
        "Networks were trained for the epochs that are stated, fewer than their defaults, on a machine shared with other jobs (wall times say little, and CPU seconds are inflated).",
    ]


def _part(rows: list[Row], part: str) -> list[str]:
    by_key = defaultdict(list)
    for row in rows:
        if row["key"]["part"] == part:
            by_key[tuple(row["key"][name] for name in ("folds", "method", "epochs"))].append(row)
    if not by_key:
        return ["", f"## {TITLES[part]}", "", "**Not measured yet.**"]
    lines = []
    for folds in sorted({key[0] for key in by_key}, key=str):
        chosen = {key[1:]: own for key, own in by_key.items() if key[0] == folds}
        lines += ["", *_folds(folds), *_table(chosen), *_strata(chosen), *_paired(chosen), *_regions(chosen)]
    return ["", f"## {TITLES[part]}", *lines]


def _folds(folds: int | None) -> list[str]:
    return [] if folds is None else [f"{folds} folds: {20 // folds} of 20 targets left out at a time.", ""]


def _table(chosen: dict[tuple[str, int | None], list[Row]]) -> list[str]:
    lines = [
        [
            _name(key),
            ", ".join(str(row["key"]["seed"]) for row in own),
            _bracket(own, pooled_r2),
            _bracket(own, lambda cases: 1000 * cases["mean_shift_mse"].mean()),
            *(_bracket(own, lambda cases, score=score: cases[score].mean()) for score in SCORES),
            *(_cost(own, what, 0) for what in ("wall_s", "cpu_s")),
        ]
        for key, own in chosen.items()
    ]
    return table(["", "seeds", "R²", "1000 x MSE", *SCORES.values(), "wall s", "CPU s"], lines)


def _strata(chosen: dict[tuple[str, int | None], list[Row]]) -> list[str]:
    """R² of each stimulation by itself."""
    kinds = sorted({case["stratum"].split("|")[0] for own in chosen.values() for case in own[0]["cases"]})
    if len(kinds) < 2:
        return []
    of = lambda cases, kind: cases[cases["stratum"].str.startswith(kind)]
    lines = [
        [_name(key), *(_bracket(own, lambda cases, kind=kind: pooled_r2(of(cases, kind))) for kind in kinds)]
        for key, own in chosen.items()
    ]
    return ["", *table(["R²", *kinds], lines)]


def _paired(chosen: dict[tuple[str, int | None], list[Row]]) -> list[str]:
    """R² of GDE less that of the others, on the same targets."""
    ours = [key for key in chosen if key[0] == "GDE"]
    lines = []
    for own in ours:
        for other in (key for key in chosen if key[0] not in ("GDE", CEILING)):
            pairs = [
                _bootstrap(pooled_r2, pd.DataFrame(a["cases"]), pd.DataFrame(b["cases"]))
                for a in chosen[own]
                for b in chosen[other]
                if a["key"]["seed"] == b["key"]["seed"]
            ]
            if pairs:
                mean, low, high = np.mean(pairs, axis=0)
                verdict = "GDE wins" if low > 0 else f"{other[0]} wins" if high < 0 else "open"
                lines.append([f"{_name(own)} less {_name(other)}", f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]", verdict])
    return ["", *table(["", "difference of R²", ""], lines)] if lines else []


def _regions(chosen: dict[tuple[str, int | None], list[Row]]) -> list[str]:
    lines = []
    for key, own in chosen.items():
        covered = [case["covered"] for row in own for case in row["cases"] if case.get("covered") is not None]
        if covered:
            lines += [
                "",
                f"Conformal regions of {_name(key)} at the level 0.8 hold the embedding of the real cells in {np.mean(covered):.2f} of {len(covered)} cases.",
            ]
    return lines


def _name(key: tuple[str, int | None]) -> str:
    return key[0] if key[1] is None else f"{key[0]}, {key[1]} epochs"


def _cost(rows: list[Row], what: str, decimals: int) -> str:
    values = [row[what] for row in rows if what in row]
    return spread(values, decimals) if values else "–"


def pooled_r2(cases: pd.DataFrame) -> float:
    """Share of all squared effects that is explained."""
    return 1 - cases["mean_shift_mse"].sum() / cases["squared_effect"].sum()


def _bracket(rows: list[Row], statistic: Any) -> str:
    mean, low, high = np.mean([_bootstrap(statistic, pd.DataFrame(row["cases"])) for row in rows], axis=0)
    return f"{mean:.2f} [{low:.2f}, {high:.2f}]"


def _bootstrap(statistic: Any, cases: pd.DataFrame, other: pd.DataFrame | None = None) -> tuple[float, float, float]:
    """Value, or its difference, and the interval over targets: all cases of a target are drawn together."""
    value = lambda rows: statistic(cases.iloc[rows]) - (0 if other is None else statistic(other.iloc[rows]))
    members = list(cases.groupby("unit").indices.values())
    rng = np.random.default_rng(0)
    draws = [
        value(np.concatenate([members[k] for k in rng.integers(len(members), size=len(members))]))
        for _ in range(N_DRAWS)
    ]
    return value(np.arange(len(cases))), *np.quantile(draws, [0.025, 0.975])
