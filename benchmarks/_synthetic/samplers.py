"""A fast solver against a thousand steps of the chain that diffusion was trained on."""

from typing import Any

import torch
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from torch import Tensor, nn

from _synthetic.normal import Normal
from _synthetic.task import Metrics
from _synthetic.train import Trained
from gde.generators import Diffusion
from gde.generators.diffusion import SCHEDULE
from gde.module import GDEModule
from gde.nn import Covariates, SetNoise

SOLVER_STEPS = (10, 15, 20, 25)


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


def compare_samplers(module: GDEModule, task: Normal, seed: int) -> dict[str, Metrics]:
    """Measures of generation of one trained module by each sampler."""
    trained, diffusion, found = Trained(module, seed), module.generator, {}
    for n_steps in SOLVER_STEPS:
        diffusion.n_steps = n_steps
        found[f"DPM-Solver++, {n_steps} steps"] = task.generation(trained.embed, trained.generate, seed)
    module.generator = Ancestral(diffusion)
    found["DDPM, 1000 steps"] = task.generation(trained.embed, trained.generate, seed)
    return found


def flat(found: dict[str, Metrics], metric: str) -> dict[str, Any]:
    """One measure of all samplers, as a row's metrics."""
    return {name: values[metric] for name, values in found.items()}
