"""Are latent distances and straight lines those of optimal transport?"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from anndata import AnnData
from scipy.spatial.distance import cdist
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager

from gde.data import GroupRows, check_integer
from gde.metrics import geodesic_deviation
from gde.model.covariate_table import CovariateTable
from gde.model.geometry_certificate import GeometryCertificate
from gde.model.path_mixin import PathMixin
from gde.nn import SetNoise, pad_sets, sinkhorn
from gde.stats import distance_agreement

MIN_GROUPS, MAX_GROUPS = 5, 64
MIN_UNITS, MAX_UNITS = 10, 128  # of a half of a group that is transported
N_PATHS = 10
ROWS_PER_CHUNK, PAIRS_PER_CHUNK = 2048, 32


class GeometryMixin(PathMixin):
    """What is known of a model's latent space."""

    geometry_: GeometryCertificate | None = None

    def certify_geometry(self, adata: AnnData | None = None, *, seed: int = 0) -> GeometryCertificate:
        r"""Check on held-out units whether latent distance is Wasserstein distance and straight lines are geodesics.

        The units of each group are split in two at random. One half is embedded; the other gives :math:`W_2`, the root of the Sinkhorn
        divergence of at most 128 units in the model's coordinates (latent vectors of counts, standardised values of continuous units), so that both kinds of
        distance share no unit and no chance. The middle of 10 random pairs is generated and compared with the displacement interpolation of real units
        (:func:`gde.metrics.geodesic_deviation`). Of more than 64 groups, 64 are drawn; groups with fewer than 20 units are left out.

        Parameters
        ----------
        adata
            Units that training did not see. The groups that are not among those of the model's own AnnData are used, if there are 5 of them,
            and else all groups. None: what training held out of the model's own AnnData, groups if ``train(validation="groups")`` left 5 of them, and else
            cells. The certificate says which.
        seed
            Seed of halves, pairs and noise.

        Returns
        -------
        The certificate, which prints itself; also kept as ``geometry_``, which is saved with the model.

        Raises
        ------
        ValueError
            If fewer than 5 groups have 20 units, groups share units, or a unit is in a batch that training did not see.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=12, n_units=40, n_genes=50)
        >>> is_new = adata.obs["donor"].isin(["D01", "D02", "D03", "D04", "D05"])
        >>> cohort, new = adata[~is_new].copy(), adata[is_new].copy()
        >>> gde.setup_anndata(cohort, group_key="donor")
        >>> model = gde.GDEModel(cohort, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> model.certify_geometry(new).checked_on
        'groups not seen in training'
        """
        if not self.group_keys:
            raise ValueError("`certify_geometry` compares groups, and the groups of this model share units.")
        check_integer("seed", seed)
        manager, _ = self._query(adata, with_units=True)
        rng = np.random.default_rng(seed)
        rows, checked_on = self._held_out(manager, own=adata is None or adata is self.adata)
        first, second = _halves(self.labels.codes(manager), rows, rng)

        prior = self.labels.prior(manager, np.concatenate(list(first.values())))
        z = self._embed(manager, prior, None, 4096)
        groups = {
            half: [self._coordinates_of(manager, adata, part[code], seed) for code in prior.codes.tolist()]
            for half, part in (("first", first), ("second", second))
        }
        pairs = np.array(list(combinations(range(len(z)), 2)))
        w2 = np.zeros((len(z), len(z)))
        w2[tuple(pairs.T)] = w2[tuple(pairs.T[::-1])] = _w2(
            [(groups["second"][i], groups["second"][j]) for i, j in pairs]
        )
        latent = cdist(z, z)
        paths = pairs[np.sort(rng.permutation(len(pairs))[:N_PATHS])]
        self.geometry_ = GeometryCertificate(
            checked_on=checked_on,
            n_groups=len(z),
            n_pairs=len(pairs),
            agreement=distance_agreement(latent, w2),
            w2_range=(float(w2[tuple(pairs.T)].min()), float(w2.max())),
            w2_floor=float(np.median(_w2(list(zip(groups["first"], groups["second"], strict=True))))),
            n_paths=len(paths),
            geodesic=self._deviation(z, groups["second"], paths, seed),
            distances=np.stack([latent[tuple(pairs.T)], w2[tuple(pairs.T)]], axis=1),
        )
        return self.geometry_

    def _held_out(self, manager: AnnDataManager, *, own: bool) -> tuple[np.ndarray, str]:
        """Rows to check on, and what they are."""
        codes = self.labels.codes(manager)
        if own:
            rows = np.asarray(self.validation_indices if self.validation_indices is not None else [], dtype=int)
            is_new = ~np.isin(codes[rows], codes[self.train_indices])
        else:
            rows = np.arange(len(codes))
            known = [str(name) for name in self._state(REGISTRY_KEYS.SAMPLE_KEY)["categorical_mapping"]]
            names = np.array(self.labels.prior(manager).names, dtype=str)
            is_new = ~np.isin(names[codes], known)
        unseen = _large_groups(codes, rows[is_new])
        if len(np.unique(codes[unseen])) >= MIN_GROUPS:
            return unseen, "groups not seen in training"
        rest = _large_groups(codes, rows)
        if len(np.unique(codes[rest])) < MIN_GROUPS:
            raise ValueError(
                f"A certificate needs at least {MIN_GROUPS} groups with {2 * MIN_UNITS} units that training did not see"
                f"{', and it held out fewer' if own else ''}: {self._cure_of_few()}."
            )
        return (
            rest,
            "held-out cells of training groups" if own else "the cells passed, of groups of which most are known",
        )

    def _cure_of_few(self) -> str:
        """How to have enough groups that training did not see."""
        cure = "pass an AnnData of such units (`adata=`)"
        if self.adata is None:
            return cure
        codes = self.labels.codes(self.adata_manager)
        n_large = len(np.unique(codes[_large_groups(codes, np.arange(len(codes)))]))
        if n_large <= MIN_GROUPS:
            return f"{cure}; of the groups that the model was set up with, {n_large} are large enough"
        share = np.ceil(100 * MIN_GROUPS / n_large) / 100
        return f"{cure}, or train with `validation='groups'` and a `validation_size` of about {share:g} or more"

    def _coordinates_of(
        self, manager: AnnDataManager, adata: AnnData | None, rows: np.ndarray, seed: int
    ) -> np.ndarray:
        """Coordinates of at most 128 of some units."""
        rows = np.sort(rows[:MAX_UNITS])
        obs = (self.adata if adata is None else adata).obs.iloc[rows]
        return self._coordinates(manager.get_from_registry(REGISTRY_KEYS.X_KEY)[rows], obs, seed)

    @torch.inference_mode()
    def _coordinates(self, matrix: Any, obs: pd.DataFrame, seed: int) -> np.ndarray:
        """Where units lie when groups are compared, shape (n_units, any); see :meth:`gde.observations.Observation.coordinates`."""
        module, device = self.module, self.module.device
        categorical, continuous = CovariateTable(self.registry_, self._setup_args).encode(obs)
        if (categorical < 0).any():
            raise ValueError(
                "Some units are in a batch, or have a covariate, that training did not see: leave them out."
            )
        module.eval()
        parts = []
        for start in range(0, len(obs), ROWS_PER_CHUNK):
            rows = slice(start, start + ROWS_PER_CHUNK)
            chunk = matrix[rows].toarray() if sp.issparse(matrix) else np.asarray(matrix[rows])
            x = torch.from_numpy(chunk.astype(np.float32)).to(device)
            noise = SetNoise([int(np.random.SeedSequence((seed, start)).generate_state(1)[0])], [len(x)], device)
            given = module.standardised_covariates(
                torch.from_numpy(categorical[rows]), torch.from_numpy(continuous[rows])
            )
            features = module.observation.featurise(x)
            # Coordinates are the same for all groups, so it does not matter whose embedding explains the units.
            z = torch.zeros(1, module.encoder.n_latent, device=device)
            vectors, _ = module.observation.score(
                x, features, z, torch.zeros(len(x), dtype=torch.long, device=device), given, noise
            )
            parts.append(module.observation.coordinates(features, vectors).numpy(force=True))
        return np.concatenate(parts)

    def _deviation(self, z: np.ndarray, groups: list[np.ndarray], paths: np.ndarray, seed: int) -> dict[str, float]:
        """Mean deviation of the middle of paths."""
        middles = pd.DataFrame((z[paths[:, 0]] + z[paths[:, 1]]) / 2, index=[f"{i} and {j}" for i, j in paths])
        new = self.generate(embeddings=middles, n_units=MAX_UNITS, seed=seed)
        units = self._coordinates(self.unit_matrix(new), new.obs, seed).reshape(len(paths), MAX_UNITS, -1)
        figures = [
            geodesic_deviation(on_path, groups[i], groups[j], 0.5) for on_path, (i, j) in zip(units, paths, strict=True)
        ]
        return {name: float(np.mean([figure[name] for figure in figures])) for name in figures[0]}


def _large_groups(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows of groups that can be split in two."""
    return rows[np.bincount(codes[rows], minlength=codes.max() + 1)[codes[rows]] >= 2 * MIN_UNITS]


def _halves(
    codes: np.ndarray, rows: np.ndarray, rng: np.random.Generator
) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """Random halves of at most 64 groups, in random order, by the group's code."""
    groups = GroupRows(codes, rows)
    first, second = {}, {}
    for code in np.sort(rng.permutation(groups.codes)[:MAX_GROUPS]).tolist():
        first[code], second[code] = np.array_split(rng.permutation(groups[code]), 2)
    return first, second


@torch.inference_mode()
def _w2(pairs: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Root of the Sinkhorn divergence of pairs of samples, shape (n_pairs,)."""
    # The divergence's blur is meant for units of unit scale.
    scale = float(np.sqrt(np.mean([np.var(x, axis=0).mean() for pair in pairs for x in pair]))) or 1.0
    squared = []
    for start in range(0, len(pairs), PAIRS_PER_CHUNK):
        sides = [_padded([pair[side] / scale for pair in pairs[start : start + PAIRS_PER_CHUNK]]) for side in (0, 1)]
        squared.append(sinkhorn(*sides[0], *sides[1]).numpy(force=True))
    return scale * np.sqrt(np.maximum(np.concatenate(squared), 0))


def _padded(samples: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    sample = torch.from_numpy(np.repeat(np.arange(len(samples)), [len(x) for x in samples]))
    units = torch.from_numpy(np.concatenate(samples).astype(np.float32))
    return pad_sets(units, sample, torch.ones(len(units)), len(samples))
