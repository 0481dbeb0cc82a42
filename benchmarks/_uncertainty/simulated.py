"""Sets from Gaussians, whose embedding by infinitely many units is known."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from _synthetic.gaussians import Gaussians
from _synthetic.normal import DF, Normal
from _synthetic.train import Method, train

from _uncertainty.estimates import Estimates, coverage, distances, estimate, rejections, slope
from gde.encoders import embed_chunks
from gde.module import GDEModule
from gde.nn import SetBatch

N_TRUTH, CHUNK = 100_000, 5000
N_REPLICATES = 50
SIZES = (10, 50, 200, 1000)
LARGE = 5000  # the other side of a very unequal pair; only of encoders of one pass, for the time it takes
UNEQUAL = ((10, 1000), (50, 200), (50, 1000), (50, LARGE))


def simulated(encoder: str, n_latent: int, budget: float, n_sets: int, seed: int) -> dict[str, Any]:
    """All figures of one encoder."""
    module, about = train(Normal(), Method(encoder, "flow_matching", n_latent=n_latent, n_hidden=64), budget, seed)
    rng = np.random.default_rng((seed, 4))
    sets = Gaussians.draw(rng, n_sets, 1, DF)
    truth = _truth(module, sets, rng)
    sizes = SIZES + ((LARGE,) if module.encoder.n_passes == 1 else ())
    found = {m: _estimates(module, sets, m, 1 if m == LARGE else 2, rng) for m in sizes}
    halves = {m: (found[m][:, :N_REPLICATES], found[m][:, N_REPLICATES:]) for m in SIZES}
    apart = {m: distances(*halves[m]) for m in SIZES}
    return {
        **about,
        "spectrum": _spectrum(found[SIZES[-1]]),
        "coverage": {m: coverage(halves[m][0], truth) for m in SIZES},
        "null": {f"{m}, {m}": rejections(*halves[m]) for m in SIZES}
        | {
            f"{a}, {b}": rejections(found[a][:, :N_REPLICATES], found[b][:, :N_REPLICATES])
            for a, b in UNEQUAL
            if b in found
        },
        "distances": apart,
        "slope": slope(SIZES, list(apart.values())),
    }


@torch.inference_mode()
def _truth(module: GDEModule, sets: Gaussians, rng: np.random.Generator) -> np.ndarray:
    """Embeddings of 10⁵ units of each set, streamed as a model streams them."""
    truth = []
    for number in range(len(sets.weight)):
        units = _features(module, _only(sets, number).units(rng, N_TRUTH))

        def chunks(units: torch.Tensor = units) -> Iterator[SetBatch]:
            for part in units.split(CHUNK):
                yield SetBatch(part, torch.zeros(len(part), dtype=torch.long), torch.ones(len(part)), 1)

        truth.append(embed_chunks(module.encoder, chunks, 1).double().numpy())
    return np.concatenate(truth)


def _only(sets: Gaussians, number: int) -> Gaussians:
    return Gaussians(sets.weight[[number]], sets.mean[[number]], sets.root[[number]])


def _features(module: GDEModule, units: np.ndarray) -> torch.Tensor:
    return module.featurise(torch.from_numpy(units.reshape(-1, units.shape[-1]).astype(np.float32)))


@torch.no_grad()
def _estimates(module: GDEModule, sets: Gaussians, m: int, times: int, rng: np.random.Generator) -> Estimates:
    """Estimates (n_sets, times * N_REPLICATES, ...) from m units each."""
    parts = [
        estimate(module.encoder, _features(module, sets.units(rng, m)), [m] * len(sets.weight))
        for _ in range(times * N_REPLICATES)
    ]
    return Estimates(np.stack([part.z for part in parts], 1), np.stack([part.covariance for part in parts], 1), m)


def _spectrum(estimates: Estimates) -> np.ndarray:
    """Eigenvalues of a covariance as shares of the largest; medians."""
    values = np.linalg.eigvalsh(estimates.covariance)[..., ::-1]
    return np.median(values / values[..., :1], axis=(0, 1))
