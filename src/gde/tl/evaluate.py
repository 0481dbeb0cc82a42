"""How good generated units are."""

import numpy as np
import pandas as pd
from anndata import AnnData
from sklearn.decomposition import PCA

from gde.data import group_labels
from gde.metrics import c2st, energy_distance
from gde.model import GDEModel
from gde.tl._values import library_sizes, log_normalise, unit_values


def evaluate(
    model: GDEModel,
    adata: AnnData | None = None,
    reference: AnnData | None = None,
    *,
    n_components: int = 20,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare generated units with real ones, beside two yardsticks.

    Each group is embedded from its units in ``adata``, and as many units are generated as it has in ``reference``, which holds other real
    units of the same groups. Distances are taken in principal components of the log-normalised counts (of the values, where units are
    continuous), fitted on all real units.

    Parameters
    ----------
    model
        A trained model.
    adata
        Units that the groups are embedded from; None: the model's own.
    reference
        Units that the model has not seen, of the same groups. None: each group of ``adata`` is split at random into two halves, one to embed and
        one to compare with (which flatters a model that was trained on both).
    n_components
        Number of principal components.
    seed
        Seed of splits and generation.

    Returns
    -------
    DataFrame with the rows ``generated``, ``real`` (the units of ``adata`` themselves: the floor) and ``pooled`` (units of ``adata`` with their
    groups shuffled, so that its AUC is that of ``real``), and the columns ``energy_distance`` (mean over groups with at least 2 units on either side, in the space's units) and
    ``c2st_auc`` (all groups pooled; 0.5: cannot be told from real units).

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> gde.tl.evaluate(model).index.tolist()
    ['generated', 'real', 'pooled']
    """
    if not model.group_keys:
        raise ValueError("`evaluate` compares units group by group, and the groups of this model share units.")
    adata = model.adata if adata is None else adata
    if adata is None:
        raise ValueError("This model was loaded without an AnnData: pass `adata`.")
    rng = np.random.default_rng(seed)
    if reference is None:
        adata, reference = _halves(adata, _labels(model, adata), rng)
    target = _labels(model, reference)
    sizes = pd.Series(target).value_counts(sort=False).to_dict()
    generated = model.generate(adata, groups=list(sizes), n_units=sizes, seed=seed)

    source = _labels(model, adata)
    values = [unit_values(model, data) for data in (adata, reference, generated)]
    scale = (
        float(np.median(np.concatenate([library_sizes(v) for v in values[:2]])))
        if model.likelihood != "normal"
        else None
    )
    real, held_out, new = (log_normalise(v, scale) for v in values)
    space = PCA(min(n_components, *real.shape), random_state=seed).fit(np.concatenate([real, held_out]))
    real, held_out, new = (space.transform(v) for v in (real, held_out, new))

    candidates = {
        "generated": (new, _labels(model, generated)),
        "real": (real, source),
        "pooled": (real, rng.permutation(source)),  # each unit once: copies would give themselves away to a classifier
    }
    return pd.DataFrame(
        {
            "energy_distance": {name: _mean_energy(x, of, held_out, target) for name, (x, of) in candidates.items()},
            "c2st_auc": {name: c2st(x, held_out, seed=seed) for name, (x, _) in candidates.items()},
        }
    )


def _labels(model: GDEModel, adata: AnnData) -> np.ndarray:
    return group_labels(adata.obs, model.group_keys).astype(str).to_numpy()


def _halves(adata: AnnData, labels: np.ndarray, rng: np.random.Generator) -> tuple[AnnData, AnnData]:
    order = rng.permutation(adata.n_obs)
    rank = pd.Series(labels[order]).groupby(labels[order]).cumcount().to_numpy()
    first, second = (adata[np.sort(order[rank % 2 == part])] for part in (0, 1))
    return (first.to_memory(), second.to_memory()) if adata.isbacked else (first.copy(), second.copy())


def _mean_energy(x: np.ndarray, of: np.ndarray, held_out: np.ndarray, target: np.ndarray) -> float:
    pairs = [(x[of == name], held_out[target == name]) for name in np.unique(target)]
    return float(np.mean([energy_distance(a, b) for a, b in pairs if min(len(a), len(b)) > 1]))
