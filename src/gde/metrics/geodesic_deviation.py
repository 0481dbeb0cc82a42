"""How far generated units on the way from one group to another are from the geodesic."""

import numpy as np
from numpy.typing import ArrayLike

from gde.metrics._checks import check_pair
from gde.metrics.displacement import displacement
from gde.metrics.energy_distance import energy_distance


def geodesic_deviation(
    generated: ArrayLike, a: ArrayLike, b: ArrayLike, time: float, *, max_units: int = 1000, seed: int = 0
) -> dict[str, float]:
    """Compare units on a path at a time with the displacement interpolation of real units at that time.

    Two random halves of ``a`` are each transported to a half of ``b`` (see :func:`displacement`). All figures are energy distances (see
    :func:`energy_distance`), which are unbiased: a path on the geodesic has a deviation like the floor, about 0.

    Parameters
    ----------
    generated
        Units on the path, units x dimensions.
    a, b
        Real units of the two ends in the same space, at least 4 each: principal components of log-normalised counts, say, or the units
        themselves where they are continuous.
    time
        From 0 (``a``) to 1 (``b``).
    max_units
        Largest number of units in a half; the time of an assignment grows with its cube.
    seed
        Seed of the halves and of the mixture.

    Returns
    -------
    Dictionary with

    - ``deviation``: of the generated units from the two interpolations, mean;
    - ``floor``: of the two interpolations from each other;
    - ``mixture``: of the generated units from a mixture of the real units of both ends in the proportions 1 − t to t: smaller than the deviation
      where the path changes how many units are of each kind more than it moves them;
    - ``ends``: of ``a`` from ``b``, the scale of it all.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import geodesic_deviation
    >>> a, b, on_the_way = np.random.default_rng(0).normal(size=(3, 200, 2)) + [[[0, 0]], [[4, 0]], [[2, 0]]]
    >>> result = geodesic_deviation(on_the_way, a, b, 0.5)
    >>> result["deviation"] < 0.05 < result["mixture"] < result["ends"]
    True
    """
    x, y = check_pair(a, b, ("a", "b"), min_rows=4)
    units, _ = check_pair(generated, x, ("generated", "a"))
    rng = np.random.default_rng(seed)
    x, y = rng.permutation(x), rng.permutation(y)
    n = min(len(x) // 2, len(y) // 2, max_units)
    on_geodesic = [displacement(x[part], y[part], time) for part in (slice(n), slice(n, 2 * n))]
    n_b = int(rng.binomial(2 * n, time))
    return {
        "deviation": float(np.mean([energy_distance(units, points) for points in on_geodesic])),
        "floor": energy_distance(*on_geodesic),
        "mixture": energy_distance(units, np.concatenate([x[: 2 * n - n_b], y[:n_b]])),
        "ends": energy_distance(x, y),
    }
