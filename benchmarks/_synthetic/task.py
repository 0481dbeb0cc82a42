"""What every synthetic task says."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from _synthetic.build import build_continuous

Embed = Callable[[np.ndarray], np.ndarray]  # sets (n_sets, n_units, d) to embeddings (n_sets, n_latent)
Generate = Callable[[np.ndarray, int], np.ndarray]  # embeddings and a number to units (n_sets, number, d)
Metrics = dict[str, float]
ERROR = ", s.e."  # ends the name of a measure's standard error


class Task(ABC):
    """A distribution of sets without end to train on, and measures of a trained model.

    Attributes
    ----------
    name
        Names the task on the command line and in rows.
    title
        Heading on the page.
    n_vars
        Width of a unit.
    set_size
        Units of a training set.
    n_test
        Number of test sets.
    better
        Measures in which methods are compared: 1 where higher is better, −1 where lower is.
    aims
        What the issue asks of each measure.
    published
        What the paper reports for each measure, as text.
    remark
        A sentence for the page.
    """

    name: str
    title: str
    n_vars: int
    set_size: int
    n_test: int
    better: dict[str, int] = {}
    aims: dict[str, str] = {}
    published: dict[str, str] = {}
    remark: str = ""

    def __init__(self, n_test: int | None = None):
        if n_test is not None:
            self.n_test = n_test

    def build(self, encoder: str, generator: str, **options: Any) -> Any:
        """A module for units of this task."""
        return build_continuous(self.n_vars, encoder, generator, **options)

    @abstractmethod
    def training_sets(self, rng: np.random.Generator, n_sets: int) -> np.ndarray:
        """Fresh sets, shape (n_sets, set_size, n_vars), units in random order."""

    @abstractmethod
    def measure(self, embed: Embed, generate: Generate, seed: int) -> Metrics:
        """Measures of a trained model; test sets follow from the seed alone, so all methods meet the same."""

    @abstractmethod
    def trivial(self, seed: int) -> dict[str, Metrics]:
        """The same measures of methods without training; the one named ``floor`` is two real draws, or Bayes.

        A model embeds the very set that it is compared with, so where a set is large, what is fitted to it can lie below two independent draws.
        """


def mean_with_error(name: str, values: Any) -> Metrics:
    """Mean over test sets, and its standard error beside it."""
    values = np.asarray(values)
    return {
        name: float(values.mean()),
        name + ERROR: float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan"),
    }


def test_rng(seed: int) -> np.random.Generator:
    """Random numbers of the test sets, apart from those of training."""
    return np.random.default_rng((seed, 1))
