"""Random sets for training."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from torch.utils.data import Sampler

from gde.data.check_integer import check_integer
from gde.data.check_number import check_number
from gde.data.label_prior import LabelPrior
from gde.data.set_index import SetIndex


class SetSampler(Sampler[SetIndex]):
    """Draws labels, and of each label's measure m units: of a group without replacement (the whole group if it has fewer).

    One m is drawn for each batch, log-uniform between ``min_set_size`` and ``set_size``, so that the encoder learns small sets and large
    ones; a batch holds as many sets as give ``batch_size`` units. Groups are drawn systematically: a group expected k times in a batch
    occurs ⌊k⌋ or ⌈k⌉ times, each time with fresh units. A batch is a function of (seed, epoch, position, set) alone, so every process that
    uses one seed agrees on it.

    Parameters
    ----------
    groups
        The labels and their units.
    group_prior
        How often groups are drawn: ``"uniform"``, by ``"size"``, or a weight for each group of ``groups.codes``.
    batch_size
        Number of units in a batch; groups smaller than m leave it short.
    set_size
        Largest number of units in a set; None: a quarter of ``batch_size``, so that a batch holds several.
    min_set_size
        Smallest number of units that is asked of a set.
    mixing
        Share of the sets that mix groups. An embedding is of any distribution, and the mixtures of a few dozen groups fill the space
        between them.
    n_mixed
        Number of groups in a mixture. Each is drawn by the prior, and their proportions are Dirichlet(1, …, 1), which for two is uniform.
    n_batches
        Number of batches in an epoch.
    seed
        Seed of all draws.
    first_epoch
        Number of epochs before the first one here, so that training that goes on meets new sets.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import GroupRows, SetSampler
    >>> sampler = SetSampler(
    ...     GroupRows(np.repeat([0, 1, 2], 20)), batch_size=32, set_size=8, min_set_size=8, n_batches=1
    ... )
    >>> index = next(iter(sampler))
    >>> index.sizes
    array([8, 8, 8, 8])
    """

    def __init__(
        self,
        groups: LabelPrior,
        *,
        group_prior: Literal["uniform", "size"] | Sequence[float] = "uniform",
        batch_size: int = 1024,
        set_size: int | None = None,
        min_set_size: int = 8,
        mixing: float = 0.0,
        n_mixed: int = 2,
        n_batches: int = 50,
        seed: int = 0,
        first_epoch: int = 0,
    ):
        if not 0 <= check_number("mixing", mixing) <= 1:
            raise ValueError(f"`mixing` is a share of the sets and must be between 0 and 1, got {mixing}.")
        if set_size is not None:
            check_integer("set_size", set_size, 1)
        if check_integer("n_mixed", n_mixed) < 2:
            raise ValueError(f"`n_mixed` must be at least 2, got {n_mixed}. To mix nothing, use `mixing=0`.")
        self.groups = groups
        self.batch_size = batch_size
        self.set_size = max(1, batch_size // 4) if set_size is None else set_size
        self.min_set_size = min(min_set_size, self.set_size)
        self.mixing = mixing
        self.n_mixed = n_mixed
        self.n_batches = n_batches
        self.seed = seed
        self.first_epoch = first_epoch
        self.epoch = 0
        named = {"uniform": np.ones(len(groups)), "size": groups.sizes}
        prior = named.get(group_prior, np.zeros(0)) if isinstance(group_prior, str) else group_prior
        self._prior = _normalised(prior, len(groups), group_prior)
        self._cumulative = np.cumsum(self._prior)[:-1]

    def __len__(self) -> int:
        return self.n_batches

    def __iter__(self) -> Iterator[SetIndex]:
        return (self._batch(position) for position in range(self.n_batches))

    def set_epoch(self, epoch: int) -> None:
        """Go to an epoch; Lightning calls this before each one."""
        self.epoch = epoch

    def _batch(self, position: int) -> SetIndex:
        address = (self.seed, self.first_epoch + self.epoch, position)
        rng = np.random.default_rng(address)
        size = int(np.exp(rng.uniform(np.log(self.min_set_size), np.log(self.set_size + 1))))
        expected = self._prior @ np.minimum(
            self.groups.n_units, size
        )  # units of a set: small groups have fewer than asked
        n_sets = max(1, int(self.batch_size / expected))
        labels = np.stack([self._draw_groups(rng, n_sets) for _ in range(self.n_mixed)], axis=1)
        shares = rng.dirichlet(np.ones(self.n_mixed), n_sets)
        shares[rng.random(n_sets) >= self.mixing] = np.eye(self.n_mixed)[0]
        n_units = np.diff(np.rint(size * shares.cumsum(axis=1)).astype(int), axis=1, prepend=0)

        # A spawn key, since (1, 2, 3) and (1, 2, 3, 0) seed the same stream: that of the batch would be that of its first set.
        set_seeds = [np.random.SeedSequence(address, spawn_key=(number,)) for number in range(n_sets)]
        recipes = zip(labels.tolist(), n_units.tolist(), set_seeds, strict=True)
        sets, weights = zip(*[self._draw(*recipe) for recipe in recipes], strict=True)
        sizes = np.array([len(rows) for rows in sets])
        return SetIndex(
            rows=np.concatenate(sets),
            set_of_unit=np.repeat(np.arange(n_sets), sizes),
            weight=np.concatenate(weights).astype(np.float32),
            label=labels[:, 0],
            seeds=np.concatenate([seed.generate_state(1, np.uint64) for seed in set_seeds]),
        )

    def _draw_groups(self, rng: np.random.Generator, n_sets: int) -> np.ndarray:
        points = (np.arange(n_sets) + rng.random()) / n_sets
        return rng.permutation(self.groups.codes[np.searchsorted(self._cumulative, points, side="right")])

    def _draw(
        self, codes: Sequence[int], numbers: Sequence[int], seed: np.random.SeedSequence
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows of a set in random order and their weights, from the groups and the number of units wanted of each; a group may occur twice."""
        rng = np.random.default_rng(seed)
        sizes: dict[int, int] = {}
        for code, n in zip(codes, numbers, strict=True):
            if n:
                sizes[code] = sizes.get(code, 0) + n
        parts = []
        for code, n in sizes.items():
            rows, times = self.groups.draw(code, n, rng)
            parts.append(
                (rows, times * n / times.sum())
            )  # a group with fewer units than its share weighs what it should
        rows, times = parts[0]
        if len(parts) > 1:  # labels may share units, and a unit comes once
            rows, position = np.unique(np.concatenate([rows for rows, _ in parts]), return_inverse=True)
            times = np.bincount(position, np.concatenate([times for _, times in parts]))
            shuffle = rng.permutation(len(rows))
            rows, times = rows[shuffle], times[shuffle]
        return rows, times / times.sum()


def _normalised(weights: Any, n_groups: int, given: str | Sequence[float]) -> np.ndarray:
    try:
        prior = np.asarray(weights, dtype=float)
    except (TypeError, ValueError):
        prior = np.zeros(0)
    if prior.shape != (n_groups,) or not np.all(np.isfinite(prior)) or (prior < 0).any() or prior.sum() == 0:
        raise ValueError(
            f"`group_prior` must be 'uniform', 'size' or {n_groups} non-negative weights (one per group, not all zero), "
            f"got {given!r}."
        )
    return prior / prior.sum()
