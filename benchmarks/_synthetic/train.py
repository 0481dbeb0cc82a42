"""Training on fresh sets for a given CPU time, and what is asked of a trained module."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from scvi import REGISTRY_KEYS

from _synthetic.task import Task
from gde.model.build_module import GENERATORS
from gde.module import GDEModule
from gde.nn import Covariates, SetBatch, SetNoise

UNITS_AT_ONCE = 20_000
VECTOR_GENERATORS = [name for name, kind in GENERATORS.items() if "vector" in kind.kinds]


@dataclass(frozen=True)
class Method:
    """What is trained, and how.

    Parameters
    ----------
    encoder, generator
        Names.
    n_latent, n_hidden
        Sizes.
    n_sets
        Sets in a batch.
    lr
        Highest learning rate of the cycle.
    options
        Other arguments of the task's ``build``.
    tasks
        Names of the tasks that it is for; empty: all.
    """

    encoder: str
    generator: str
    n_latent: int = 64
    n_hidden: int = 128
    n_sets: int = 16
    lr: float = 4e-3
    options: dict[str, Any] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()


FRAME = {"location_scale": True}
GAUSSIANS = ("normal", "gmm", "gmm_broad")
METHODS = {  # what is compared, each on its tasks
    "GDE": Method("deep_sets", "flow_matching"),
    "GDE, resnet": Method("resnet", "flow_matching"),
    "GDE with frame": Method("deep_sets", "flow_matching", options=FRAME, tasks=GAUSSIANS),
    # Embeddings of 32 units that predict 32 others shrink correlations towards the prior, and go on doing so for 10⁴ units.
    "GDE with frame, scored on the same units": Method(
        "deep_sets", "flow_matching", options={**FRAME, "scoring": "same_units"}, tasks=GAUSSIANS
    ),
    "GDE with frame and isometry": Method(
        "deep_sets", "flow_matching", options={**FRAME, "isometry_weight": 10.0}, tasks=GAUSSIANS
    ),
    # Distances of the moments follow W2, and on Normal they are all that there is to know.
    "GDE, moments": Method("moments", "flow_matching", options={**FRAME, "scoring": "same_units"}, tasks=GAUSSIANS),
    "GDE with moments": Method(
        "deep_sets with moments", "flow_matching", options={**FRAME, "scoring": "same_units"}, tasks=GAUSSIANS
    ),
    "GDE, cvae": Method("deep_sets", "cvae", n_sets=64, tasks=("poisson",)),
    "GDE, cvae, scored on the same units": Method(
        "deep_sets", "cvae", n_sets=64, options={"scoring": "same_units"}, tasks=("poisson",)
    ),
    "GDE, cvae, scored on both": Method(
        "deep_sets", "cvae", n_sets=64, options={"scoring": "both"}, tasks=("poisson",)
    ),
    "GDE, diffusion, scored on the same units": Method(
        "deep_sets", "diffusion", options={"scoring": "same_units"}, tasks=("images",)
    ),
    "KME + diffusion": Method("kernel_mean", "diffusion", n_latent=256),
    "KME + diffusion, scored on the same units": Method(
        "kernel_mean", "diffusion", n_latent=256, options={"scoring": "same_units"}, tasks=("images",)
    ),
    "Wormhole": Method("attention", "wormhole", options={"isometry_weight": 1.0}),
}


def train(task: Task, method: Method, budget: float, seed: int) -> tuple[GDEModule, dict[str, Any]]:
    """Train for ``budget`` seconds of CPU time, the drawing of sets included; also tell how many steps that were.

    CPU time, because a busy machine must not change results. The learning rate goes through one cycle of AdamW over the budget, as in
    :class:`gde.module.SetTrainingPlan`, where β₁ goes through one too.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng((seed, 0))
    module = task.build(
        method.encoder, method.generator, n_latent=method.n_latent, n_hidden=method.n_hidden, **method.options
    )
    calibration = batch(task.training_sets(np.random.default_rng((seed, 2)), 256), seed)
    set_of_unit = calibration["set_of_unit"]
    calibration["members"] = torch.arange(len(set_of_unit)), set_of_unit, calibration["weight"]
    calibration["n_labels"] = len(calibration["label"])
    module.calibrate(lambda: [calibration])
    module.train()
    weights = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=method.lr, weight_decay=1e-4, fused=True)
    started, n_steps, share = time.process_time(), 0, 0.0
    while share < 1:
        optimizer.param_groups[0]["lr"] = method.lr * one_cycle(share)
        tensors = batch(task.training_sets(rng, method.n_sets), (seed, n_steps))
        optimizer.zero_grad()
        module(tensors)[2].loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 10.0)
        optimizer.step()
        n_steps, share = n_steps + 1, (time.process_time() - started) / budget
    return module.eval(), {"n_steps": n_steps, "cpu_s": share * budget, "recipe": asdict(method)}


def one_cycle(share: float) -> float:
    """Factor of the learning rate: up over a tenth, then down to zero along a cosine."""
    if share < 0.1:
        return 0.04 + 0.96 * 0.5 * (1 - np.cos(np.pi * share / 0.1))
    return 0.5 * (1 + np.cos(np.pi * min(1.0, (share - 0.1) / 0.9)))


def batch(sets: np.ndarray, address: int | tuple[int, ...]) -> dict[str, Any]:
    """Sets of one size, (n_sets, n_units, n_vars), as the tensors that a module takes."""
    n_sets, n_units, n_vars = sets.shape
    return {
        REGISTRY_KEYS.X_KEY: torch.from_numpy(sets.reshape(-1, n_vars).astype(np.float32)),
        REGISTRY_KEYS.BATCH_KEY: torch.zeros(n_sets * n_units, 1, dtype=torch.long),
        "set_of_unit": torch.arange(n_sets).repeat_interleave(n_units),
        "weight": torch.full((n_sets * n_units,), 1 / n_units),
        "label": torch.arange(n_sets),
        "set_seeds": np.random.SeedSequence(address).generate_state(n_sets, np.uint64),
        "set_sizes": np.full(n_sets, n_units),
    }


class Trained:
    """A trained module as functions of arrays."""

    def __init__(self, module: GDEModule, seed: int):
        self.module = module
        self.seed = seed

    @torch.inference_mode()
    def embed(self, sets: np.ndarray) -> np.ndarray:
        """Embeddings (n_sets, n_latent) of sets (n_sets, n_units, n_vars)."""
        step = max(1, UNITS_AT_ONCE // sets.shape[1])
        return np.concatenate([self._embed(sets[start : start + step]) for start in range(0, len(sets), step)])

    def _embed(self, sets: np.ndarray) -> np.ndarray:
        tensors = batch(sets, 0)
        features = self.module.featurise(tensors[REGISTRY_KEYS.X_KEY])
        return self.module.encoder(SetBatch(features, tensors["set_of_unit"], tensors["weight"], len(sets))).numpy()

    def generate(self, z: np.ndarray, n_units: int) -> np.ndarray:
        """Units (n_sets, n_units, n_vars) from embeddings (n_sets, n_latent)."""
        step = max(1, UNITS_AT_ONCE // n_units)
        return np.concatenate([self._generate(z[start : start + step], n_units) for start in range(0, len(z), step)])

    def _generate(self, z: np.ndarray, n_units: int) -> np.ndarray:
        n = len(z) * n_units
        seeds = np.random.SeedSequence((self.seed, 3)).generate_state(len(z), np.uint64)
        units = self.module.sample(
            torch.from_numpy(np.asarray(z, dtype=np.float32)),
            torch.arange(len(z)).repeat_interleave(n_units),
            Covariates(torch.zeros(n, 0, dtype=torch.long), torch.zeros(n, 0)),
            SetNoise(seeds, [n_units] * len(z), "cpu"),
        )
        return units.numpy().reshape(len(z), n_units, -1).astype(np.float64)
