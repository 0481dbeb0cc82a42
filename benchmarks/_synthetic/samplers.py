"""A fast solver against a thousand steps of the chain that diffusion was trained on."""

import numpy as np
import torch
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from torch import Tensor, nn

from _synthetic.normal import Normal
from _synthetic.task import Metrics, mean_with_error
from _synthetic.train import Trained
from gde.generators import Diffusion
from gde.generators.diffusion import SCHEDULE
from gde.metrics import bures_squared
from gde.module import GDEModule
from gde.nn import Covariates, SetNoise

SOLVER_STEPS = (10, 15, 20, 25)
N_UNITS = 2000  # generated for a set: a thousand steps take two minutes for 10⁴
DDPM = "DDPM, 1000 steps"


class Ancestral(nn.Module):
    """Samples a trained diffusion by its reverse Markov chain, one step for each of training (Ho et al. 2020, algorithm 2)."""

    def __init__(self, diffusion: Diffusion):
        super().__init__()
        self.diffusion = diffusion

    def sample(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise) -> Tensor:
        """Vectors, shape (n_units, n_vectors)."""
        field, vectors = self.diffusion.field, noise.normal(self.diffusion.n_vectors)
        context = field.context(z, set_of_unit, covariates)
        chain = DDPMScheduler(**SCHEDULE, clip_sample=False)
        chain.set_timesteps(chain.config.num_train_timesteps)
        generator = torch.Generator().manual_seed(int(z.double().sum().item() * 1e6) % 2**31)
        for step in chain.timesteps:
            time = (step / len(chain.timesteps)).expand(len(vectors))
            vectors = chain.step(field(vectors, time, context), step, vectors, generator=generator).prev_sample
        return vectors


def compare_samplers(module: GDEModule, task: Normal, seed: int) -> Metrics:
    """The paper's metric of one trained module by each sampler, and how much it differs from DDPM's on the same sets, in per cent."""
    trained, diffusion, errors = Trained(module, seed), module.generator, {}

    def measure(name: str) -> None:
        mean_a, cov_a, mean_b, cov_b = task.moment_pairs(trained.embed, trained.generate, seed, N_UNITS)
        errors[name] = np.linalg.norm(mean_a - mean_b, axis=1) + bures_squared(cov_a, cov_b)

    for n_steps in SOLVER_STEPS:
        diffusion.n_steps = n_steps
        measure(f"{n_steps} steps")
    diffusion._steps = lambda: list(range(len(diffusion.signal) - 1, 0, -len(diffusion.signal) // n_steps))
    measure(f"{n_steps} even steps")
    del diffusion._steps
    module.generator = Ancestral(diffusion)
    measure(DDPM)
    chain = errors[DDPM]
    found = {name: float(values.mean()) for name, values in errors.items()}
    for name in (f"{n_steps} steps", f"{n_steps} even steps"):
        found |= mean_with_error(f"{name} over DDPM, %", 100 * (errors[name] - chain) / chain.mean())
    return found
