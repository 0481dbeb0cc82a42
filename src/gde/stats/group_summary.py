"""All that an encoder of one pass needs to know of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from os import PathLike

import numpy as np

ARRAYS = {"n_units": 1, "weight": 1, "squared_weight": 1, "mean": 2, "squared_mean": 2, "scatter": 3}


@dataclass(frozen=True, repr=False)
class GroupSummary:
    r"""Moments of the units' features in each group, which add up over parts of the data.

    Sites that hold different units of the same groups share summaries and no cells, and new units are added without the old ones: the sum
    of two summaries is that of all their units (Chan, Golub & LeVeque 1983, equation 2.1, for vectors). With
    :math:`\varphi_i` the features of a unit in the encoder's pass,

    .. math::
        \bar\varphi = \frac{\sum_i w_i \varphi_i}{\sum_i w_i}, \qquad
        \tilde\varphi = \frac{\sum_i w_i^2 \varphi_i}{\sum_i w_i^2}, \qquad
        S = \sum_i w_i^2 (\varphi_i - \tilde\varphi)(\varphi_i - \tilde\varphi)^\top,

    of which the first gives the embedding and the others its covariance. Weights are 1 where each unit has one group. :meth:`gde.GDEModel.summarize_groups` makes
    summaries, :meth:`gde.GDEModel.embed_summary` reads them. A group of very few units can be read off its summary: where units must not be known,
    leave such groups out.

    Parameters
    ----------
    names
        Name of each group.
    n_units
        Number of units with a weight, shape (n_groups,).
    weight, squared_weight
        Sums of weights and of squared weights, each (n_groups,).
    mean, squared_mean
        :math:`\bar\varphi` and :math:`\tilde\varphi`, each (n_groups, n_features).
    scatter
        S, shape (n_groups, n_features, n_features).
    encoder
        What tells encoders apart: a hash of their weights.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.stats import GroupSummary
    >>> one = GroupSummary(
    ...     ["D1"], np.ones(1), np.ones(1), np.ones(1), np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 1, 1)), "a"
    ... )
    >>> two = GroupSummary(
    ...     ["D1"],
    ...     np.ones(1),
    ...     np.ones(1),
    ...     np.ones(1),
    ...     np.full((1, 1), 2.0),
    ...     np.full((1, 1), 2.0),
    ...     np.zeros((1, 1, 1)),
    ...     "a",
    ... )
    >>> both = one + two
    >>> both
    GroupSummary(n_groups=1, n_units=2, n_features=1)
    >>> both.n_units, both.mean[0], both.scatter[0]
    (array([2]), array([1.]), array([[2.]]))
    """

    names: Sequence[str]
    n_units: np.ndarray
    weight: np.ndarray
    squared_weight: np.ndarray
    mean: np.ndarray
    squared_mean: np.ndarray
    scatter: np.ndarray
    encoder: str

    def __post_init__(self) -> None:
        names = [str(name) for name in self.names]
        if len(set(names)) < len(names):
            raise ValueError("`names` must name each group once.")
        object.__setattr__(self, "names", names)
        for name, n_dims in ARRAYS.items():
            array = np.asarray(getattr(self, name), dtype=int if name == "n_units" else float)
            width = np.shape(self.mean)[-1]
            if array.shape != (len(names), *[width] * (n_dims - 1)):
                raise ValueError(f"`{name}` has shape {array.shape}, which does not fit {len(names)} groups × {width}.")
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"GroupSummary(n_groups={len(self)}, n_units={self.n_units.sum()}, n_features={self.mean.shape[1]})"

    @property
    def n_effective(self) -> np.ndarray:
        """Kish's effective number of units of each group, shape (n_groups,)."""
        return self.weight**2 / self.squared_weight

    def __add__(self, other: GroupSummary) -> GroupSummary:
        """The summary of the units of both."""
        if not isinstance(other, GroupSummary):
            return NotImplemented
        return self.merge(other)

    def merge(self, *others: GroupSummary) -> GroupSummary:
        """The summary of all units together.

        Parameters
        ----------
        *others
            Summaries of other units, from the same trained model. Groups are matched by name; new ones are added at the end.

        Raises
        ------
        ValueError
            If the summaries come from encoders with different weights.
        """
        summary = self
        for other in others:
            if other.encoder != summary.encoder:
                raise ValueError(
                    f"The summaries come from encoders with different weights ({summary.encoder[:8]}… and {other.encoder[:8]}…), so their features "
                    "have nothing in common. Make both with the same saved model."
                )
            summary = _merge(summary, other)
        return summary

    def save(self, path: str | PathLike[str]) -> None:
        """Write the summary to a file in numpy's npz format, which holds numbers and text only, without pickle."""
        arrays = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        with open(path, "wb") as file:  # given a name, numpy would add a suffix to it
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> GroupSummary:
        """Read a summary that :meth:`save` has written.

        Raises
        ------
        ValueError
            If the file is something else.
        """
        with np.load(path, allow_pickle=False) as file:
            missing = {field.name for field in fields(cls)} - set(getattr(file, "files", []))
            if missing:
                raise ValueError(f"{path} is not a summary of groups: it lacks {', '.join(sorted(missing))}.")
            values = {field.name: file[field.name] for field in fields(cls)}
        return cls(**values | {"names": values["names"].tolist(), "encoder": str(values["encoder"])})


def _merge(a: GroupSummary, b: GroupSummary) -> GroupSummary:
    if a.mean.shape[1] != b.mean.shape[1]:
        raise ValueError(f"The summaries have {a.mean.shape[1]} and {b.mean.shape[1]} features.")
    names = list(dict.fromkeys([*a.names, *b.names]))
    of_a, of_b = _spread(a, names), _spread(b, names)
    sums = {key: of_a[key] + of_b[key] for key in ARRAYS}
    share, squared_share = (of_b[key] / sums[key] for key in ("weight", "squared_weight"))
    offset = of_b["squared_mean"] - of_a["squared_mean"]
    between = of_a["squared_weight"] * squared_share
    moments = {
        "mean": of_a["mean"] + share[:, None] * (of_b["mean"] - of_a["mean"]),
        "squared_mean": of_a["squared_mean"] + squared_share[:, None] * offset,
        "scatter": sums["scatter"] + between[:, None, None] * offset[:, :, None] * offset[:, None, :],
    }
    return GroupSummary(names, encoder=a.encoder, **(sums | moments))


def _spread(summary: GroupSummary, names: Sequence[str]) -> dict[str, np.ndarray]:
    """The arrays with a row for each of ``names``; groups that the summary lacks have no units."""
    place = {name: row for row, name in enumerate(names)}
    rows = [place[name] for name in summary.names]
    spread = {}
    for key in ARRAYS:
        array = getattr(summary, key)
        spread[key] = np.zeros((len(names), *array.shape[1:]), dtype=array.dtype)
        spread[key][rows] = array
    return spread
