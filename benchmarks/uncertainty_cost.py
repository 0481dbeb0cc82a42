"""What a covariance costs in time and memory, and how well influences predict what leaving out cells does.

python benchmarks/uncertainty_cost.py

Memory is measured in a process of its own for each number of cells, which this script starts; Linux only.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import torch
from _own_process import forget_peak, peak_mb
from _report import output_folder, provenance, provenance_lines, quiet, stopwatch, table, test_data, write
from throughput import simulate

import gde
from gde.encoders import embed_chunks, embed_with_covariance
from gde.nn import SetBatch

N_LATENT, N_GENES, CHUNK, N_GROUPS = 32, 2000, 4096, 40
TIMED = [("deep_sets", 40, 20_000), ("attention", 40, 20_000), ("deep_sets", 1000, 20_000), ("resnet", 40, 5000)]
SIZES = {"deep_sets": [10_000, 100_000, 1_000_000], "resnet": [10_000, 100_000]}
SHARE = 0.05


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="paired measurements of time")
    parser.add_argument("--quick", action="store_true", help="smoke run: few cells; leaves docs/ alone")
    parser.add_argument("--memory", nargs=3, help=argparse.SUPPRESS)  # encoder, cells, whether with covariance
    args = parser.parse_args()
    quiet()
    if args.memory:
        print(json.dumps(memory(args.memory[0], int(args.memory[1]), args.memory[2] == "True")))
        return
    if args.quick:
        args.repeats = 2
    scale = 10 if args.quick else 1
    results = {
        **provenance(),
        "time": [time(name, n_groups, n // scale, args.repeats) for name, n_groups, n in TIMED],
        "memory": [
            _in_own_process(name, n // scale, return_cov)
            for name, sizes in SIZES.items()
            for n in sizes
            for return_cov in (False, True)
        ],
        "influence": [influence(name, args.quick) for name in ("deep_sets", "resnet")],
    }
    write(results, "uncertainty_cost", page, output_folder(quick=args.quick))


def fit(adata: ad.AnnData, encoder: str, group: str, **train: Any) -> gde.GDEModel:
    """A model of default sizes."""
    gde.setup_anndata(adata, group_key=group)
    model = gde.GDEModel(adata, encoder=encoder, n_latent=N_LATENT)
    model.train(enable_progress_bar=False, accelerator="cpu", **train)
    return model


def time(encoder: str, n_groups: int, n_cells: int, repeats: int) -> dict[str, Any]:
    """CPU time of embedding without and with covariances, one after the other."""
    adata = simulate(n_cells, N_GENES)
    adata.obs["group"] = [f"group_{i % n_groups}" for i in range(n_cells)]  # in no order, as cells come
    model = fit(adata, encoder, "group", max_epochs=1, limit_train_batches=2)
    pairs = []
    for _ in range(repeats + 1):
        with stopwatch() as plain:
            model.get_group_embeddings(key_added=None)
        with stopwatch() as full:
            model.get_group_embeddings(key_added=None, return_cov=True)
        pairs.append((plain.cpu_s, full.cpu_s))
    plain_s, full_s = np.array(pairs[1:]).T  # the first one warms up
    ratios = full_s / plain_s
    print(f"{encoder}, {n_groups} groups: {np.median(ratios):.2f}", flush=True)
    return {
        "encoder": encoder,
        "n_groups": n_groups,
        "n_cells": n_cells,
        "plain_s": np.median(plain_s),
        "with_covariance_s": np.median(full_s),
        "ratio": np.median(ratios),
        "ratio_range": [ratios.min(), ratios.max()],
    }


def _in_own_process(encoder: str, n_cells: int, return_cov: bool) -> dict[str, Any]:
    command = [sys.executable, sys.argv[0], "--memory", encoder, str(n_cells), str(return_cov)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    print(result, flush=True)
    return result


def memory(encoder: str, n_cells: int, return_cov: bool) -> dict[str, Any]:
    """Peak memory of the process beyond what it held before it embedded; chunks are made when they are asked for."""
    adata = simulate(CHUNK, N_GENES)
    model = fit(adata, encoder, "group", max_epochs=1, limit_train_batches=2)
    module, counts = model.module.eval(), adata.X

    def chunks() -> Iterator[SetBatch]:
        rng = np.random.default_rng(0)
        for start in range(0, n_cells, CHUNK):
            n = min(CHUNK, n_cells - start)
            x = counts[rng.integers(0, CHUNK, n)]
            parts = (torch.from_numpy(part) for part in (x.indptr, x.indices, x.data))
            features = module.featurise(torch.sparse_csr_tensor(*parts, x.shape))
            yield SetBatch(features, torch.from_numpy(rng.integers(0, N_GROUPS, n)), torch.ones(n), N_GROUPS)

    embed = embed_with_covariance if return_cov else embed_chunks
    embed(module.encoder, lambda: islice(chunks(), 1), N_GROUPS)  # what libraries take at their first call
    held = forget_peak()
    with stopwatch() as timing:
        embed(module.encoder, chunks, N_GROUPS)
    return {
        "encoder": encoder,
        "n_cells": n_cells,
        "with_covariance": return_cov,
        "added_peak_mb": peak_mb() - held,
        "cpu_s": timing.cpu_s,
    }


def influence(encoder: str, quick: bool) -> dict[str, Any]:
    """Leave out the 5 % of each donor's cells that pull most along a direction; how far did the embedding move along it?"""
    adata = ad.read_h5ad(test_data("onek1k_40donors.h5ad"))
    adata.obs["donor"] = adata.obs["donor"].astype(str)
    model = fit(adata, encoder, "donor", max_epochs=1 if quick else None)
    embeddings = model.get_group_embeddings(key_added=None)
    rng, rows = np.random.default_rng(0), []
    for number in range(2 if quick else 10):
        u = rng.standard_normal(N_LATENT)
        if number:  # half of the donors against the others
            half = rng.permutation(embeddings.index)[: len(embeddings) // 2]
            u = (embeddings.loc[half].mean() - embeddings.drop(half).mean()).to_numpy(float)
        u /= np.linalg.norm(u)
        cells = pd.DataFrame({"c": model.get_unit_influence(direction=u), "donor": adata.obs["donor"]})
        is_out = cells.groupby("donor")["c"].rank(ascending=False, pct=True) <= SHARE
        pull = cells["c"].where(is_out, 0).groupby(cells["donor"]).sum()
        rest = model.get_group_embeddings(adata[~is_out].copy(), key_added=None)
        moved = (rest - embeddings).to_numpy(float) @ u
        n_left = (~is_out).groupby(cells["donor"]).sum()
        rows += zip((-pull / n_left)[embeddings.index], moved, strict=True)
    predicted, actual = np.array(rows).T
    correlation = np.corrcoef(predicted, actual)[0, 1]
    print(f"{encoder}: correlation {correlation:.4f}", flush=True)
    return {
        "encoder": encoder,
        "n_donors": len(embeddings),
        "n_cells": adata.n_obs,
        "n_deletions": len(rows),
        "correlation": correlation,
        "slope": predicted @ actual / (predicted @ predicted),
        "mean_move": np.abs(actual).mean(),
    }


def page(results: dict[str, Any]) -> str:
    """The page of the documentation."""
    times = [
        (
            f"{row['encoder']}, {row['n_groups']} groups, {row['n_cells']:,} cells",
            f"{row['plain_s']:.2f}",
            f"{row['with_covariance_s']:.2f}",
            f"{row['ratio']:.2f} ({row['ratio_range'][0]:.2f} to {row['ratio_range'][1]:.2f})",
        )
        for row in results["time"]
    ]
    sizes = [
        (
            f"{row['encoder']}, {'with' if row['with_covariance'] else 'without'} covariance",
            f"{row['n_cells']:,}",
            f"{row['added_peak_mb']:.0f}",
            f"{row['cpu_s']:.1f}",
        )
        for row in results["memory"]
    ]
    moves = [
        (
            f"{row['encoder']}, {row['n_donors']} donors, {row['n_cells']:,} cells",
            str(row["n_deletions"]),
            f"{row['correlation']:.4f}",
            f"{row['slope']:.3f}",
            f"{row['mean_move']:.3f}",
        )
        for row in results["influence"]
    ]
    lines = [
        "# The cost of error bars",
        "",
        "How much longer embedding takes with covariances, whether memory grows with the number of cells, and how well influences predict what "
        "leaving out cells does.",
        "",
        *provenance_lines(results),
        "",
        "## Time",
        "",
        f"CPU seconds of `get_group_embeddings` without and with `return_cov=True`: simulated counts, {N_GENES:,} genes, 8 % non-zero, cells of all groups "
        f"mixed, n_latent {N_LATENT}; medians, and the median of the ratios of neighbouring measurements with the lowest and the highest in brackets. "
        "The target is 1.5 for an encoder of one pass. Up to 32,768 cells go through the derivative of the encoder's head, one for each group, which shows "
        "where groups are many and small; of more, each 32,768 update a matrix of 128 × 128 for each group among them. `resnet` goes through the cells 8 times instead of 4, and back through its layers for each latent axis.",
        "",
        *table(["encoder", "without (s)", "with (s)", "ratio"], times),
        "",
        "## Memory",
        "",
        f"Peak memory beyond what the process held after embedding one chunk. {N_GROUPS} groups, chunks of {CHUNK:,} cells that are made when they are "
        "asked for. With covariances of one pass, features of up to 32,768 cells wait in memory.",
        "",
        *table(["encoder", "cells", "added peak (MB)", "CPU (s)"], sizes),
        "",
        "## Influence",
        "",
        f"Real cells (OneK1K). From each donor the {SHARE:.0%}".replace("%", " %")
        + " of the cells with the highest influence along a direction are left out, and the donor is embedded again. One direction is random, the others are "
        "contrasts between random halves of the donors. Predicted and actual move along the direction: correlation over all deletions (target 0.99), slope of "
        "actual on predicted, and mean absolute move in units of z.",
        "",
        *table(["encoder", "deletions", "correlation", "slope", "mean move"], moves),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
