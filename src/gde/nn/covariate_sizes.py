"""How many covariates there are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CovariateSizes:
    """Sizes of the covariates that go into encoder and decoder of a unit.

    Parameters
    ----------
    n_categories
        Number of categories of each categorical covariate, the batch first.
    n_continuous
        Number of continuous covariates.

    Examples
    --------
    >>> from gde.nn import CovariateSizes
    >>> CovariateSizes(n_categories=(4, 2), n_continuous=1)
    CovariateSizes(n_categories=(4, 2), n_continuous=1)
    """

    n_categories: tuple[int, ...] = ()
    n_continuous: int = 0
