"""Does the embedding of m units approach that of all of them like 1/√m?"""

import numpy as np

from _synthetic.gaussians import Gaussians
from _synthetic.task import Embed, Metrics

SIZES = 2 ** np.arange(6, 13)
N_ALL = 2**17
N_PARTS = 32  # of each size and each set


def clt_slope(embed: Embed, sets: Gaussians, rng: np.random.Generator) -> Metrics:
    """Slope of log E‖z_m − z‖² against log m; −1 if the central limit theorem holds."""
    errors = np.zeros((len(sets.weight), len(SIZES)))
    for number, one in enumerate(sets.each()):
        units = one.units(rng, N_ALL)[0]
        whole = embed(units[None])[0]
        for column, size in enumerate(SIZES):
            parts = units[: N_PARTS * size].reshape(N_PARTS, size, -1)
            errors[number, column] = ((embed(parts) - whole) ** 2).sum(1).mean()
    return {"CLT slope": float(np.polyfit(np.log(SIZES), np.log(errors).mean(0), 1)[0])}
