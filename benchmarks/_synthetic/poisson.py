"""Ten Poisson counts: does the embedding predict the share of zeros as Bayes would?"""

from typing import Any

import numpy as np

from _synthetic.build import build_encoder, latent_width
from _synthetic.single_counts import SingleCounts
from _synthetic.task import Embed, Generate, Metrics, Task, mean_with_error, test_rng
from gde.model.build_module import GENERATORS
from gde.module import GDEModule

LARGEST_RATE = 7.0
N_COUNTS = 10  # what is known of a set
N_UNITS = 500  # generated


class Poisson(Task):
    """λ ~ U(0, 7), ten counts, to estimate exp(−λ) by the share of zeros among generated units.

    Training sets have twice as many counts, since the encoder reads one half and the generator is scored on the other.
    """

    name, title = "poisson", "Poisson"
    n_vars, set_size, n_test = 1, 2 * N_COUNTS, 2000
    better = {"excess over Bayes, %": -1}
    aims = {"excess over Bayes, %": "≤ 1"}

    def build(self, encoder: str, generator: str, *, n_latent: int, n_hidden: int, **options: Any) -> GDEModule:
        """A module for single counts."""
        n_latent = latent_width(encoder, 1, n_latent)
        observation = SingleCounts(n_latent, n_hidden=n_hidden)
        return GDEModule(
            observation,
            build_encoder(encoder, 1, n_latent, n_hidden),
            GENERATORS[generator](observation.n_vectors, n_latent),
            **options,
        )

    def training_sets(self, rng: np.random.Generator, n_sets: int) -> np.ndarray:
        """Counts of one rate a set."""
        rate = rng.uniform(0, LARGEST_RATE, (n_sets, 1, 1))
        return rng.poisson(rate, (n_sets, self.set_size, 1)).astype(np.float64)

    def measure(self, embed: Embed, generate: Generate, seed: int) -> Metrics:
        """Share of zeros among units generated from ten counts; its own sampling noise is taken off."""
        rate, counts = self._test_sets(seed)
        share = (generate(embed(counts), N_UNITS)[..., 0] == 0).mean(1)
        return compare(share, rate, counts, share * (1 - share) / (N_UNITS - 1))

    def trivial(self, seed: int) -> dict[str, Metrics]:
        """The posterior mean, the best unbiased estimate, maximum likelihood, and the share of zeros in the set."""
        rate, counts = self._test_sets(seed)
        total = counts.sum((1, 2))
        estimates = {
            "floor": posterior_mean(total),
            "Rao–Blackwell": (1 - 1 / N_COUNTS) ** total,
            "maximum likelihood": np.exp(-total / N_COUNTS),
            "share of zeros": (counts == 0).mean((1, 2)),
        }
        return {name: compare(estimate, rate, counts) for name, estimate in estimates.items()}

    def _test_sets(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = test_rng(seed)
        rate = rng.uniform(0, LARGEST_RATE, self.n_test)
        return rate, rng.poisson(rate[:, None, None], (self.n_test, N_COUNTS, 1)).astype(np.float64)


def posterior_mean(total: np.ndarray) -> np.ndarray:
    """E[exp(−λ) | total of ten counts] under λ ~ U(0, 7): a ratio of two truncated gamma integrals."""
    rates = np.linspace(0, LARGEST_RATE, 20_001)[1:]
    sums, position = np.unique(total, return_inverse=True)
    logs = sums[:, None] * np.log(rates) - N_COUNTS * rates
    density = np.exp(logs - logs.max(1, keepdims=True))
    return ((density * np.exp(-rates)).sum(1) / density.sum(1))[position]


def compare(estimate: np.ndarray, rate: np.ndarray, counts: np.ndarray, variance: np.ndarray | float = 0.0) -> Metrics:
    """Mean squared error, and how much it exceeds that of the posterior mean.

    The excess is E(estimate − posterior mean)², which has far less noise than a difference of two errors.
    """
    bayes = posterior_mean(counts.sum((1, 2)))
    excess = (estimate - bayes) ** 2 - variance
    risk = bayes_risk()
    return {
        "MSE of the test sets, 10⁻³": 1e3 * float(np.mean((estimate - np.exp(-rate)) ** 2 - variance)),
        "MSE, 10⁻³": 1e3 * float(risk + excess.mean()),
        **mean_with_error("excess over Bayes, %", 100 * excess / risk),
    }


def bayes_risk(n_draws: int = 1_000_000) -> float:
    """Mean squared error of the posterior mean, 3.40e-3: the floor."""
    rng = np.random.default_rng(0)
    rate = rng.uniform(0, LARGEST_RATE, n_draws)
    return float(np.mean((posterior_mean(rng.poisson(N_COUNTS * rate)) - np.exp(-rate)) ** 2))
