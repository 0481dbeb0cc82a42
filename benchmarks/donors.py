"""Donors: what embeddings tell of them, and whether ten cells suffice to find a donor again, for GDE and for what else one could take.

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/donors.py --seeds 0 1 2

Rows that are there are not measured again, so a run that was killed goes on where it stopped.
"""

import argparse
import itertools
from functools import partial
from typing import Any

import numpy as np
import torch
from _baselines import two_parts
from _groups.cohorts import COHORTS, Cohort
from _groups.donors_page import page
from _groups.methods import BASELINES, Fit, groups_of, is_counts
from _groups.representations import as_vectors
from _groups.trained import FOR_COUNTS, OF_KNOWN_SAMPLES, TRAINED
from _own_process import in_own_process
from _report import output_folder, quiet, stopwatch
from _rows import Row, Rows

from gde.metrics import information_retention, logistic_probe
from gde.metrics._own_ranks import ranks_of

SMALL = 10  # units of a small part
METHODS: dict[str, Fit] = BASELINES | TRAINED


def main() -> None:
    """Measure what is not there yet, and write the page."""
    args = _parser().parse_args()
    quiet()
    torch.set_num_threads(args.threads)
    if args.quick:
        args.seeds, args.repeats = args.seeds[:1], 2
    folder = output_folder(quick=args.quick)
    rows = Rows(folder / "donors.json")
    for seed, name in itertools.product(args.seeds, args.cohorts):
        cohort = COHORTS[name]()
        for method in args.methods:
            if method in FOR_COUNTS and not is_counts(cohort.adata):
                continue
            repeats = 0 if method in OF_KNOWN_SAMPLES else args.repeats
            key = {"cohort": name, "method": method, "seed": seed, "repeats": repeats}
            job = partial(measure, cohort, METHODS[method], seed, repeats, args.quick)
            rows.run(key, partial(in_own_process, job))
    (folder / "donors.md").write_text(page(rows.rows))
    print(f"Written: {folder / 'donors.md'}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument(
        "--cohorts", nargs="*", default=list(COHORTS), choices=list(COHORTS), help="none: only the page"
    )
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--repeats", type=int, default=10, help="random pairs of small parts of each group")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch; leaves docs/ alone")
    return parser


def measure(cohort: Cohort, fit: Fit, seed: int, repeats: int, quick: bool) -> Row:
    """Fit on one half of each group's units; embed all units for the labels, and small parts of the other half to find each other."""
    rng, adata = np.random.default_rng(seed), cohort.adata
    train, rest = (adata[rows].copy() for rows in two_parts(groups_of(adata), rng))
    about: dict[str, Any] = {"max_epochs": 1} if quick else {}
    with stopwatch() as timing:
        represent = fit(train, seed, about)
        whole = represent(adata)
        scores = label_scores(cohort, whole.distances(whole), as_vectors(whole), seed)
        if repeats:
            scores["robustness"] = robustness(rest, represent, rng, repeats)
    return {"metrics": scores, "wall_s": timing.wall_s, "cpu_s": timing.cpu_s, "about": about}


def label_scores(cohort: Cohort, distance: np.ndarray, vectors: np.ndarray, seed: int) -> dict[str, Any]:
    """What groups near by and a logistic regression tell of the label."""
    distance = (distance + distance.T) / 2
    retained = information_retention(distance, cohort.labels, metric="precomputed", seed=seed)
    probe = logistic_probe(vectors, cohort.labels, n_splits=cohort.n_splits, seed=seed)
    return {
        "information_retention": list(retained),
        "roc_auc": probe.loc["roc_auc"].tolist(),
        "balanced_accuracy": probe.loc["balanced_accuracy"].tolist(),
    }


def robustness(adata: Any, represent: Any, rng: np.random.Generator, repeats: int) -> list[float]:
    """Replicate robustness of parts of ten units, from distances, of groups that have twenty."""
    groups = groups_of(adata)
    names, sizes = np.unique(groups, return_counts=True)
    large = adata[np.isin(groups, names[sizes >= 2 * SMALL])]
    scores = []
    for _ in range(repeats):
        first, second = (represent(large[rows].copy()) for rows in two_parts(groups_of(large), rng, SMALL))
        between = first.distances(second)
        own, n = np.arange(len(between)), len(between)
        ranks = np.concatenate([ranks_of(between, own), ranks_of(between.T, own)])
        scores.append(float(1 - ranks.mean() / (n - 1)))
    return scores


if __name__ == "__main__":
    main()
