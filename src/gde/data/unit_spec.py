"""What a model must know of its units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from scvi import REGISTRY_KEYS

ObservationName = Literal["counts", "continuous", "image", "sequence", "joint"]
Likelihood = Literal["nb", "zinb", "poisson", "bernoulli", "normal"]


@dataclass(frozen=True)
class UnitSpec:
    """What the registry of a model says of the units that it was set up with; networks are built from it.

    Parameters
    ----------
    observation
        Name of what a unit is.
    shape
        Shape of one unit: (n_vars,); (channel, height, width) of images; (greatest length,) of sequences.
    likelihood
        Name of the likelihood.
    registry_key
        What a batch calls the units.
    n_letters
        Number of letters of sequences.
    letters
        What they are, in the order of their codes; empty where sequences are given as codes.
    value_range, dtype
        Smallest and largest value of a pixel, and the type of images.
    parts
        The same of each modality, by its name, where units have several.

    Examples
    --------
    >>> from gde.data import UnitSpec
    >>> UnitSpec("continuous", (50,)).likelihood
    'normal'
    """

    observation: ObservationName
    shape: tuple[int, ...]
    likelihood: Likelihood = "normal"
    registry_key: str = REGISTRY_KEYS.X_KEY
    n_letters: int = 0
    letters: str = ""
    value_range: tuple[float, float] = (0.0, 1.0)
    dtype: str = "float32"
    parts: Mapping[str, UnitSpec] = field(default_factory=dict)
