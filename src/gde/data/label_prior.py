"""The label prior Q: which labels there are, and how each weights the units."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np


class LabelPrior(ABC):
    r"""Labels, and for each the weighted units that are its empirical measure.

    .. math:: P_y = \sum_i w_{yi}\, \delta_{x_i} \Big/ \sum_i w_{yi}.

    Training draws sets from these measures, embedding pools over all of each. A unit may belong to several labels.

    Attributes
    ----------
    names
        Name of each label, by its code.
    codes
        Codes of the labels that have units, ascending, shape (n_labels,).
    sizes
        Number of units that carry each of these labels, by which the prior ``"size"`` draws, shape (n_labels,).
    n_units
        Number of units with a weight in each label's measure, shape (n_labels,).
    n_effective
        Kish's effective number of units of each label, :math:`(\sum_i w_i)^2 / \sum_i w_i^2` (Kish 1965, *Survey Sampling*, section 11.7), shape
        (n_labels,): the weighted mean varies as that of so many units with equal weights.
    rows
        Rows that have a weight in any label, ascending.
    in_runs
        Whether the rows of each label lie together on disk in random order, so that a run of them is as good as a random draw.
    """

    names: Sequence[str]
    codes: np.ndarray
    sizes: np.ndarray
    n_units: np.ndarray
    n_effective: np.ndarray
    rows: np.ndarray
    in_runs: bool = False

    def __len__(self) -> int:
        return len(self.codes)

    @abstractmethod
    def measure(self, code: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and weights of a label, each (n_units of the label,)."""

    @abstractmethod
    def draw(self, code: int, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Distinct rows of a set of at most n units of a label, in random order, and how often each counts."""

    @abstractmethod
    def members(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs of a row and a label: position in ``rows``, position in ``codes``, and weight, each (n_pairs,)."""
