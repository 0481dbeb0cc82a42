"""Does the label prior decide where the latent space has room?"""

import itertools

import numpy as np

from _synthetic.gaussians import DF, DIMENSIONS, Gaussians, units_w2
from _synthetic.task import Embed, Generate, Metrics, Task, test_rng

N_CLASSES = 3
N_POOL = 600  # units of a set on the grid
STEP = 10  # the grid has shares of 0, 1/10, ..., 1


class Prior(Task):
    """Sets are Dirichlet(α) mixtures of the same three Gaussians.

    Two neighbours on a grid of mixtures share all units but a tenth. Room is the distance of their embeddings over their W2; reported is the room
    among even mixtures (all shares ≥ 0.2) over that among pure ones (one share ≥ 0.7). It should grow with α.

    Parameters
    ----------
    alpha
        Concentration of the label prior.
    """

    n_vars, set_size, n_test = DIMENSIONS, 64, 1

    def __init__(self, n_test: int | None = None, *, alpha: float):
        super().__init__(n_test)
        self.alpha = alpha
        self.name, self.title = f"prior_{alpha:g}", f"Prior-aware geometry, Q = Dirichlet({alpha:g})"
        classes = Gaussians.draw(np.random.default_rng(0), 1, N_CLASSES, DF)
        self._mean, self._root = classes.mean, classes.root

    def training_sets(self, rng: np.random.Generator, n_sets: int) -> np.ndarray:
        """Mixtures with weights from Q."""
        return self._mixtures(rng.dirichlet(np.full(N_CLASSES, self.alpha), n_sets)).units(rng, self.set_size)

    def measure(self, embed: Embed, generate: Generate, seed: int) -> Metrics:
        """Room among even over room among pure mixtures."""
        shares, sets = self._grid(seed)
        z = embed(sets)
        room: dict[str, list[float]] = {"even": [], "pure": []}
        for i, j in itertools.combinations(range(len(shares)), 2):
            place = _place(shares[[i, j]])
            if np.abs(shares[i] - shares[j]).sum() == 2 and place:
                room[place].append(float(np.linalg.norm(z[i] - z[j]) / units_w2(sets[i], sets[j])))
        return {"room, even over pure": float(np.mean(room["even"]) / np.mean(room["pure"]))}

    def trivial(self, seed: int) -> dict[str, Metrics]:
        """Embeddings that know no prior."""
        return {"sample mean": self.measure(lambda sets: sets.mean(1), lambda z, n: z, seed)}

    def _mixtures(self, weight: np.ndarray) -> Gaussians:
        n = len(weight)
        return Gaussians(weight, np.repeat(self._mean, n, axis=0), np.repeat(self._root, n, axis=0))

    def _grid(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Shares in tenths, (n_sets, 3), and sets of one pool of units, (n_sets, 600, d)."""
        pools = self._mixtures(np.eye(N_CLASSES)).units(test_rng(seed), N_POOL)
        shares = np.array([s for s in itertools.product(range(STEP + 1), repeat=N_CLASSES) if sum(s) == STEP])
        sets = [np.concatenate([p[: n * N_POOL // STEP] for p, n in zip(pools, s, strict=True)]) for s in shares]
        return shares, np.stack(sets)


def _place(shares: np.ndarray) -> str | None:
    if (shares >= 0.2 * STEP).all():
        return "even"
    return "pure" if (shares.max(1) >= 0.7 * STEP).all() else None
