"""Groups of two kinds, for tests of what labels give."""

import anndata as ad
import numpy as np
import pandas as pd


def two_kinds(seed: int, n_groups: int = 24, n_units: int = 20) -> ad.AnnData:
    """Groups of two kinds, which a glance tells apart, with their kind and a kind drawn by lot."""
    rng = np.random.default_rng(seed)
    kind = np.arange(n_groups) % 2
    units = rng.normal(size=(n_groups, n_units, 3)) + 2 * kind[:, None, None]
    donor = np.repeat([f"d{i}" for i in range(n_groups)], n_units)
    names = np.array(["well", "ill"])
    obs = pd.DataFrame(
        {
            "donor": donor,
            "kind": np.repeat(names[kind], n_units),
            "lot": np.repeat(names[rng.permutation(kind)], n_units),
        }
    )
    obs.index = obs.index.astype(str)
    return ad.AnnData(obs=obs, obsm={"X": units.reshape(-1, 3).astype(np.float32)})
