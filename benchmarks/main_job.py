"""The main job on 40 donors: do embeddings find their donor, and are generated cells like real ones?

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/main_job.py --seeds 0 1 2

Everything that is random (split of the cells, held-out donors, weights, training, generation) follows from the seed.
"""

import argparse
import io
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from _baselines import Embed, Space, gaussian_units, group_means, kernel_mean, pseudobulk_pca, two_parts
from _main_job_page import page
from _report import output_folder, provenance, quiet, stopwatch, test_data, write

import gde

GROUP = "donor"
SMALL = 10  # cells of a small part
MISSING = (0.0, 0.1, 0.25, 0.5)  # shares of genes


def main() -> None:
    """Run all seeds and generators, and write the results after each."""
    args = _parser().parse_args()
    quiet()
    torch.set_num_threads(args.threads)
    adata = load(quick=args.quick)
    if args.quick:
        args.seeds, args.repeats, args.gene_draws, args.max_epochs = args.seeds[:1], 2, 1, args.max_epochs or 1
    folder = output_folder(quick=args.quick)
    results: dict[str, Any] = {
        **provenance(),
        "data": {"n_cells": adata.n_obs, "n_genes": adata.n_vars, "n_donors": adata.obs[GROUP].nunique()},
        "settings": {
            **{name: getattr(args, name) for name in ("seeds", "generator", "max_epochs", "repeats", "gene_draws")},
            "missing_shares": MISSING,
        },
        "runs": [],
    }
    space = Space(adata.X)
    for seed in args.seeds:
        task = Task(adata, space, seed, args.repeats)
        run = {"seed": seed, "baselines": baselines(task), "models": {}}
        results["runs"].append(run)
        for generator in args.generator:
            print(f"Seed {seed}, {generator} ...", flush=True)
            run["models"][generator] = measure(task, generator, args.max_epochs, args.gene_draws)
            write(results, "main_job", page, folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generator", nargs="+", default=["flow_matching", "cvae"], help="generators to compare")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], help="each is a full run")
    parser.add_argument("--max-epochs", type=int, help="default: the model's own")
    parser.add_argument("--repeats", type=int, default=20, help="random pairs of parts of each donor")
    parser.add_argument("--gene-draws", type=int, default=5, help="random choices of missing genes")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--quick", action="store_true", help="smoke run: few donors, one epoch; leaves docs/ alone")
    return parser


def load(*, quick: bool) -> ad.AnnData:
    """The cells of all donors, or of some."""
    adata = ad.read_h5ad(test_data("onek1k_40donors.h5ad"))
    adata.obs[GROUP] = adata.obs[GROUP].astype(str)
    return adata[adata.obs[GROUP].isin(np.unique(adata.obs[GROUP])[:12])].copy() if quick else adata


class Task:
    """What all methods get for one seed.

    ``parts`` has pairs of parts of donors that should find each other. ``cases`` has pairs of cells, one to embed and one to compare what is
    generated with: training cells with new cells, new cells with other new cells, and cells of new donors with other cells of these.
    """

    def __init__(self, adata: ad.AnnData, space: Space, seed: int, repeats: int):
        rng = np.random.default_rng(seed)
        self.seed, self.space = seed, space
        rows_a, rows_b = two_parts(_donors(adata), rng)
        self.a, self.b = adata[rows_a].copy(), adata[rows_b].copy()
        names = rng.permutation(np.unique(_donors(adata)))
        unseen = np.isin(_donors(adata), names[: len(names) // 4])
        self.seen_donors, self.unseen_donors = adata[~unseen].copy(), adata[unseen].copy()
        self.parts = {
            "trained": (adata, [(rows_a, rows_b)]),
            "quarters": (self.b, _draw_parts(self.b, rng, repeats)),
            "small": (self.b, _draw_parts(self.b, rng, repeats, SMALL)),
            "unseen": (self.unseen_donors, _draw_parts(self.unseen_donors, rng, repeats)),
            "unseen_small": (self.unseen_donors, _draw_parts(self.unseen_donors, rng, repeats, SMALL)),
        }
        self.cases = {
            "trained": (self.a, self.b),
            "new_cells": self._first_parts("quarters"),
            "new_donors": self._first_parts("unseen"),
        }

    def _first_parts(self, key: str) -> tuple[ad.AnnData, ad.AnnData]:
        adata, parts = self.parts[key]
        first, second = parts[0]
        return adata[first].copy(), adata[second].copy()

    def robustness(self, key: str, embed: Embed) -> list[float]:
        """Replicate robustness of each pair of parts."""
        adata, parts = self.parts[key]
        return [
            gde.metrics.replicate_robustness(*embed(adata[first].copy(), adata[second].copy()))
            for first, second in parts
        ]

    def score_units(self, units: np.ndarray, donors: np.ndarray, real: ad.AnnData) -> dict[str, Any]:
        """How close units in the space come to real cells: by donor, and all donors together."""
        real_units, real_donors = self.space(real.X), _donors(real)
        return {
            "energy_distance": {
                str(name): gde.metrics.energy_distance(units[donors == name], real_units[real_donors == name])
                for name in np.unique(real_donors)
            },
            "c2st_auc": gde.metrics.c2st(units, real_units, seed=self.seed),
            "rank_score": gde.metrics.rank_score(group_means(units, donors), group_means(real_units, real_donors)),
        }

    def score_cells(self, cells: ad.AnnData, real: ad.AnnData) -> dict[str, Any]:
        """The same for cells, and how their counts agree."""
        return self.score_units(self.space(cells.X), _donors(cells), real) | {"genes": _gene_agreement(real.X, cells.X)}


def _donors(adata: ad.AnnData) -> np.ndarray:
    return adata.obs[GROUP].to_numpy(dtype=str)


def _draw_parts(
    adata: ad.AnnData, rng: np.random.Generator, repeats: int, size: int | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    return [two_parts(_donors(adata), rng, size) for _ in range(repeats)]


def _gene_agreement(real: sp.csr_matrix, generated: sp.csr_matrix) -> dict[str, float]:
    agreement = gde.metrics.gene_agreement(real, generated)
    return {
        "mean_pearson": agreement["mean_pearson"],
        "variance_pearson": agreement["variance_pearson"],
        "zero_fraction_difference": agreement["zero_fraction_generated"] - agreement["zero_fraction_real"],
    } | {
        f"library_size_ratio_{q}": agreement[f"library_size_generated_{q}"] / agreement[f"library_size_real_{q}"]
        for q in ("q05", "q50", "q95")
    }


def baselines(task: Task) -> dict[str, Any]:
    """What needs no GDE: other embeddings, and other cells in place of generated ones."""
    embeddings = {
        "pseudobulk": pseudobulk_pca(GROUP),
        "kernel_mean": kernel_mean(GROUP, task.space, task.a.X, task.seed),
    }
    return {
        "robustness": {
            name: {key: task.robustness(key, embed) for key in task.parts} for name, embed in embeddings.items()
        },
        "generation": {key: _not_generated(task, *case) for key, case in task.cases.items()},
    }


def _not_generated(task: Task, source: ad.AnnData, target: ad.AnnData) -> dict[str, Any]:
    """Scores of the real source, of a Gaussian for each of its donors, and of the source with its donors shuffled."""
    rng = np.random.default_rng(task.seed)
    donors, wanted = _donors(source), _donors(target)
    pooled = source.copy()  # each cell once: repeated cells would give themselves away to a classifier
    pooled.obs[GROUP] = rng.permutation(donors)
    gaussian = gaussian_units(task.space(source.X), donors, wanted, rng)
    return {
        "real": task.score_cells(source, target),
        "gaussian": task.score_units(gaussian, wanted, target),
        "pooled": task.score_cells(pooled, target),
    }


def measure(task: Task, generator: str, max_epochs: int | None, gene_draws: int) -> dict[str, Any]:
    """All figures of one generator."""
    model, training = train(task.a, generator, task.seed, max_epochs)
    model_unseen, training_unseen = train(task.seen_donors, generator, task.seed, max_epochs)
    models = {"unseen": model_unseen, "unseen_small": model_unseen, "new_donors": model_unseen}
    generation = {
        key: task.score_cells(generate_like(models.get(key, model), source, target, task.seed), target)
        for key, (source, target) in task.cases.items()
    }
    return {
        "training": training,
        "training_unseen": training_unseen,
        "robustness": {key: task.robustness(key, embed_parts(models.get(key, model))) for key in task.parts},
        "generation": generation,
        "missing_genes": missing_genes(model, task, gene_draws),
        "exactness": exactness(model, task, generator),
    }


def generate_like(model: gde.GDEModel, source: ad.AnnData, target: ad.AnnData, seed: int) -> ad.AnnData:
    """As many cells of each donor as the target has, from the embedding of the source."""
    sizes = target.obs[GROUP].value_counts()
    return model.generate(embeddings=embed(model, source.copy()).loc[sizes.index], n_units=sizes.to_dict(), seed=seed)


def train(
    adata: ad.AnnData, generator: str, seed: int, max_epochs: int | None = None
) -> tuple[gde.GDEModel, dict[str, Any]]:
    """A trained model and what that took; everything but the generator is the default."""
    adata = adata.copy()
    gde.setup_anndata(adata, group_key=GROUP)
    model = gde.GDEModel(adata, generator=generator, seed=seed)
    with stopwatch() as timing:
        model.train(max_epochs=max_epochs, accelerator="cpu", enable_progress_bar=False)
    return model, {
        "n_cells": adata.n_obs,
        "n_epochs": model.trainer.current_epoch,
        "n_steps": model.trainer.global_step,
        "wall_s": timing.wall_s,
        "cpu_s": timing.cpu_s,
    }


def embed(model: gde.GDEModel, adata: ad.AnnData | None = None, **kwargs: Any) -> pd.DataFrame:
    """Embeddings in the order of the donors' names."""
    return model.get_group_embeddings(adata, key_added=None, **kwargs).sort_index()


def embed_parts(model: gde.GDEModel) -> Embed:
    """Embeddings of two parts of the donors."""
    return lambda first, second: (embed(model, first), embed(model, second))


def missing_genes(model: gde.GDEModel, task: Task, n_draws: int) -> list[dict[str, float]]:
    """How well B, embedded without some genes, finds its donor in A; with these genes masked, and with zeros in their place."""
    rng = np.random.default_rng(task.seed)
    reference = embed(model)
    rows = []
    for share in MISSING:
        draws = _draw_genes(task.b, share, n_draws if share else 1, rng)
        masked, zeros = np.mean([_scores_without(model, task.b, reference, kept) for kept in draws], axis=0)
        rows.append({"share": share, "masked": float(masked), "zeros": float(zeros)})
    return rows


def _draw_genes(adata: ad.AnnData, dropped: float, n_draws: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    for _ in range(n_draws):
        kept = np.ones(adata.n_vars, dtype=bool)
        kept[rng.permutation(adata.n_vars)[: int(dropped * adata.n_vars)]] = False
        yield kept


def _scores_without(
    model: gde.GDEModel, adata: ad.AnnData, reference: pd.DataFrame, kept: np.ndarray
) -> tuple[float, float]:
    zeroed = adata.copy()
    zeroed.X = sp.csr_matrix(adata.X @ sp.diags(kept.astype(adata.X.dtype)))
    masked = embed(model, adata[:, kept].copy(), allow_missing_genes=True)
    return gde.metrics.rank_score(masked, reference), gde.metrics.rank_score(embed(model, zeroed), reference)


def exactness(model: gde.GDEModel, task: Task, generator: str) -> dict[str, Any]:
    """What must not change an embedding: chunks, order, copies, a second run with the seed, a trip to the disk."""
    whole = embed(model, task.b, batch_size=task.b.n_obs)
    with redirect_stdout(io.StringIO()):  # many chunks come with a progress bar
        chunked = embed(model, task.b, batch_size=32)
    order = np.random.default_rng(task.seed).permutation(task.b.n_obs)
    copies = ad.concat([task.b, task.b, task.b], index_unique="-")
    first, second = (embed(train(task.a, generator, task.seed, max_epochs=1)[0], task.b) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        model.save(path, overwrite=True)
        loaded = gde.GDEModel.load(path, adata=model.adata, accelerator="cpu")
    return {
        "largest_embedding": float(np.abs(whole.to_numpy()).max()),
        "chunked": _largest_difference(whole, chunked),
        "permuted": _largest_difference(whole, embed(model, task.b[order].copy())),
        "replicated": _largest_difference(whole, embed(model, copies)),
        "same_seed_identical": first.equals(second),
        "loaded_identical": embed(model).equals(embed(loaded)) and embed(model, task.b).equals(embed(loaded, task.b)),
    }


def _largest_difference(x: pd.DataFrame, y: pd.DataFrame) -> float:
    return float(np.abs(x - y.loc[x.index]).to_numpy().max())


if __name__ == "__main__":
    main()
