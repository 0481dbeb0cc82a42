"""Which genes make groups different."""

from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import stats

from gde.data import check_anndata, check_integer, check_keys, check_number, near_matches
from gde.model import GDEModel
from gde.tl._label_classifier import LabelClassifier
from gde.tl._values import check_model, library_sizes, unit_values, with_genes_of

PSEUDOCOUNT = 1e-5  # of the library size: ten counts per million
Parts = tuple[
    np.ndarray, np.ndarray
]  # of each group: shares of the labels, (n_groups, n_labels), and these times the labels' means, with genes last


def contrast_genes(
    model: GDEModel,
    a: Any,
    b: Any,
    *,
    by: str = "cell_type",
    adata: AnnData | None = None,
    n_units: int = 1000,
    library_size: float | None = None,
    batch: Any = None,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Contrast the expected expression of the generated distributions of two groups, or two classes of groups, gene by gene.

    All groups are generated at the same library size and from the same covariates, so that neither depth nor batch can make a difference. A
    class is the mixture of its groups with equal weights. With the share :math:`p_k` and mean :math:`\mu_k` of each cell type, the difference a − b of means is

    .. math:: \sum_k p^a_k \mu^a_k - \sum_k p^b_k \mu^b_k = \underbrace{\sum_k (p^a_k - p^b_k)\, \tfrac12(\mu^a_k + \mu^b_k)}_\text{composition} +
              \underbrace{\sum_k \tfrac12(p^a_k + p^b_k) (\mu^a_k - \mu^b_k)}_\text{state}

    without a rest (Kitagawa 1955, doi 10.1080/01621459.1955.10501299). The type of a generated cell comes as probabilities from a logistic regression on
    principal components of the real cells of ``adata``; what it confuses goes to the wrong part, so look at its accuracy.

    If both classes have at least 2 groups, intervals are a jackknife over groups, never over cells, with Satterthwaite's degrees of freedom:

    .. math:: s^2 = \sum_{c \in \{a, b\}} \frac{n_c - 1}{n_c} \sum_{i \in c} (\hat\theta_{(-i)} - \overline{\theta_{(-\cdot)}})^2,

    which for the difference is Welch's interval. They hold what generated donors differ in, which may be less than what real donors differ in, and know nothing of
    pairs (the same donor before and after).

    Parameters
    ----------
    model
        A trained model.
    a, b
        Name of a group, or a list of them.
    by
        Column of ``.obs`` with the cell types.
    adata
        Where the groups and the cell types are; None: the AnnData that the model was made with.
    n_units
        Number of cells to generate for each group.
    library_size
        Library size of all of them; None: the median of ``adata``.
    batch
        Batch of all of them; None: covariates drawn from all training units, for all groups alike.
    level
        Level of the intervals.
    seed
        Seed of the generation.

    Returns
    -------
    DataFrame, a row per gene (or variable): ``mean_a`` and ``mean_b`` in counts at the library size, for counts ``log2_fold_change`` (with ten
    counts per million added), ``difference``, ``composition`` and ``state`` in counts, and the limits of their intervals (``difference_low``, …).
    ``.attrs`` has ``classifier_accuracy`` (cross-validated), ``library_size`` and the shares of the cell types (``share_a``, ``share_b``).

    Raises
    ------
    KeyError
        If a group or the column is not there.
    ValueError
        If a group is in both classes, or there are fewer than 2 cell types.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> table = gde.tl.contrast_genes(model, ["D1", "D2"], ["D3", "D4"], n_units=50)
    >>> bool(((table["composition"] + table["state"] - table["difference"]).abs() < 1e-9).all())
    True
    """
    check_model(model)
    check_keys({"by": by})
    check_integer("n_units", n_units, 1)
    check_integer("seed", seed)
    if library_size is not None and not 0 < check_number("library_size", library_size) < np.inf:
        raise ValueError(f"`library_size` must be positive and finite, got {library_size}.")
    adata = model.adata if adata is None else adata
    if adata is None:
        raise ValueError("This model was loaded without an AnnData: pass `adata`.")
    classes = [_names(groups) for groups in (a, b)]
    if both := set(map(str, classes[0])) & set(map(str, classes[1])):
        raise ValueError(f"`a` and `b` share {sorted(both)}: a group can be on one side only.")
    check_anndata(adata)
    if not 0 < check_number("level", level) < 1:
        raise ValueError(f"`level` must be between 0 and 1, got {level}.")
    z = model.get_group_embeddings(adata, groups=[*classes[0], *classes[1]], key_added=None)
    labels = _labels(adata, by)
    variables = _variables(model, adata)
    adata = with_genes_of(model, adata)
    values = unit_values(model, adata)
    sample: dict[str, Any] = {"n_units": n_units, "batch": batch, "seed": seed}
    if model.likelihood != "normal":
        library_size = float(np.median(library_sizes(values))) if library_size is None else library_size
    classifier = LabelClassifier(values, labels, library_size, seed)
    parts = [_parts(model, classifier, z.iloc[[row]], sample | {"library_size": library_size}) for row in range(len(z))]
    side_a, side_b = _stacked(parts[: len(classes[0])]), _stacked(parts[len(classes[0]) :])

    mean_a, mean_b = (mass.mean(0).sum(0) for _, mass in (side_a, side_b))
    columns = {"mean_a": mean_a, "mean_b": mean_b}
    if library_size is not None:
        more = PSEUDOCOUNT * library_size
        columns["log2_fold_change"] = np.log2((mean_a + more) / (mean_b + more))
    columns |= _decompose(side_a, side_b)
    if min(map(len, classes)) > 1:
        columns |= _intervals(side_a, side_b, level)
    table = pd.DataFrame(columns, index=variables)
    share_a, share_b = (dict(zip(classifier.names, side[0].mean(0).tolist(), strict=True)) for side in (side_a, side_b))
    table.attrs |= {
        "classifier_accuracy": classifier.accuracy,
        "library_size": library_size,
        "share_a": share_a,
        "share_b": share_b,
    }
    return table


def _names(groups: Any) -> list[Any]:
    names = list(groups) if pd.api.types.is_list_like(groups) else [groups]
    if not names:
        raise ValueError("`a` and `b` must name at least one group each.")
    return names


def _labels(adata: AnnData, by: str) -> pd.Series:
    if by not in adata.obs:
        raise KeyError(f"`by`: {by!r} is not a column of `.obs`. {near_matches(by, adata.obs.columns)}")
    if adata.obs[by].nunique() < 2:
        raise ValueError(
            f"`by`: {by!r} needs at least 2 cell types to part composition from state. Clusters will do, e.g. of `sc.tl.leiden`."
        )
    return adata.obs[by]


def _variables(model: GDEModel, adata: AnnData) -> pd.Index:
    if model.units.has_genes:
        return pd.Index(model.get_var_names())
    return pd.RangeIndex(np.prod(model.unit_spec.shape))


def _parts(model: GDEModel, classifier: LabelClassifier, z: pd.DataFrame, sample: dict[str, Any]) -> Parts:
    """Shares of the labels in one group, (n_labels,), and shares times means, (n_labels, n_genes)."""
    values = unit_values(model, model.generate(embeddings=z, **sample))
    weight = classifier.probabilities(values).astype(float)
    weight /= weight.sum()  # exactly 1, so that the parts add up
    return weight.sum(0), np.asarray((values.astype(float).T @ weight).T)


def _stacked(groups: list[Parts]) -> Parts:
    shares, masses = zip(*groups, strict=True)
    return np.stack(shares), np.stack(masses)


def _decompose(a: Parts, b: Parts) -> dict[str, np.ndarray]:
    """Difference of two classes, and its parts."""
    (share_a, mean_a), (share_b, mean_b) = _mixture(a), _mixture(b)
    composition = ((share_a - share_b)[:, None] * (mean_a + mean_b) / 2).sum(0)
    state = ((share_a + share_b)[:, None] * (mean_a - mean_b) / 2).sum(0)
    return {"difference": composition + state, "composition": composition, "state": state}


def _mixture(parts: Parts) -> Parts:
    """Shares of the labels, and their means, in the mixture of the groups of a class."""
    share, mass = (values.mean(0) for values in parts)
    return share, mass / np.maximum(share, np.finfo(float).tiny)[:, None]


def _intervals(a: Parts, b: Parts, level: float) -> dict[str, np.ndarray]:
    """Limits of the difference and its parts."""
    without_a = [_decompose(_without(a, i), b) for i in range(len(a[0]))]
    without_b = [_decompose(a, _without(b, i)) for i in range(len(b[0]))]
    limits: dict[str, np.ndarray] = {}
    for name, value in _decompose(a, b).items():
        of_a, of_b = (_jackknife(np.stack([left[name] for left in without])) for without in (without_a, without_b))
        variance = np.maximum(of_a + of_b, np.finfo(float).tiny ** 0.5)
        df = variance**2 / np.maximum(
            of_a**2 / (len(without_a) - 1) + of_b**2 / (len(without_b) - 1), np.finfo(float).tiny
        )
        margin = stats.t.ppf((1 + level) / 2, df) * np.sqrt(variance)
        limits |= {f"{name}_low": value - margin, f"{name}_high": value + margin}
    return limits


def _without(parts: Parts, group: int) -> Parts:
    return np.delete(parts[0], group, axis=0), np.delete(parts[1], group, axis=0)


def _jackknife(values: np.ndarray) -> np.ndarray:
    """Variance from values without each group, (n_groups, n_genes)."""
    return (len(values) - 1) * values.var(0)
