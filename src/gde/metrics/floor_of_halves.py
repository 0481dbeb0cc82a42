"""What a comparison says of two samples that are alike."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike


def floor_of_halves(
    metric: Callable[[Any, Any], Any], units: ArrayLike | sp.spmatrix, *, n_repeats: int = 5, seed: int = 0
) -> Any:
    """Mean score of random halves of the real units against each other: the best that generated units can hope for.

    Most scores depend on the number of units. So generate as many as a half has, and compare them with a half.

    Parameters
    ----------
    metric
        Function of two samples, units x dimensions, that returns a number or a dictionary of numbers: :func:`wasserstein`, :func:`prdc`, :func:`gene_agreement`, …
    units
        Real units, units x dimensions, dense or (if the metric takes it) sparse.
    n_repeats
        Number of random halvings.
    seed
        Seed of the halves.

    Returns
    -------
    What the metric returns, averaged, in its own units and range.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import energy_distance, floor_of_halves, wasserstein
    >>> units = np.random.default_rng(0).normal(size=(200, 10))
    >>> abs(floor_of_halves(energy_distance, units)) < 0.05, floor_of_halves(wasserstein, units) > 1
    (True, True)
    """
    values = sp.csr_array(units) if sp.issparse(units) else np.asarray(units)
    n = values.shape[0]
    if n < 4:
        raise ValueError(f"There are {n} units: at least 4 are needed, 2 in each half.")
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(n) for _ in range(n_repeats)]
    scores = [metric(values[order[: n // 2]], values[order[n // 2 : 2 * (n // 2)]]) for order in orders]
    if isinstance(scores[0], dict):
        return {name: float(np.mean([score[name] for score in scores])) for name in scores[0]}
    return float(np.mean(scores))
