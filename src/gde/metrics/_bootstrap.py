"""Intervals of scores of fixed predictions."""

from collections.abc import Callable

import numpy as np

from gde.metrics.score import Score


def bootstrap_score(
    statistic: Callable[[np.ndarray], float], strata: np.ndarray, n_draws: int, seed: int, level: float = 0.95
) -> Score:
    """Score of all rows, and the percentile interval over rows drawn with replacement within their stratum.

    Within strata (the classes), so that no draw is without a class. Draws whose score is NaN (all numbers alike) are left out.
    """
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    draws = [
        statistic(np.concatenate([rng.choice(rows, len(rows)) for rows in members])) for _ in range(max(n_draws, 0))
    ]
    kept = np.array(draws)[np.isfinite(draws)]
    tail = (1 - level) / 2
    low, high = np.quantile(kept, [tail, 1 - tail]) if len(kept) else (np.nan, np.nan)
    return Score(float(statistic(np.arange(len(strata)))), float(low), float(high))
