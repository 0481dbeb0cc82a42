"""How good a model's units and embeddings are."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from sklearn.decomposition import PCA

from gde.data import check_anndata, check_integer, check_keys, group_labels, near_matches
from gde.model import GDEModel
from gde.tl._score_groups import labels_of_groups, score_groups
from gde.tl._score_units import Units, score_all_units, score_each_group, score_genes, score_means
from gde.tl._values import check_model, library_sizes, log_normalise, unit_values, with_genes_of
from gde.tl._warn_if_seen import warn_if_seen


def evaluate(
    model: GDEModel,
    adata: AnnData | None = None,
    reference: AnnData | None = None,
    *,
    columns: Sequence[str] = (),
    control: str | None = None,
    n_components: int = 20,
    seed: int = 0,
) -> pd.DataFrame:
    """Score generated units and embeddings by all metrics that apply, each beside its yardsticks.

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
    columns
        Columns of ``.obs`` that say something about whole groups (condition, age), which embeddings are asked for: classes, or numbers.
    control
        The group of control cells; its presence adds scores of the shifts of all other groups from it.
    n_components
        Number of principal components.
    seed
        Seed of splits, generation, folds and bootstraps.

    Returns
    -------
    DataFrame with a row for each score (index ``metric``, unique; scores of a column are named ``metric:column``) and the columns

    - ``about``: what is scored: ``"units of each group"`` (mean over groups with at least 2 units on either side), ``"all units"``, ``"genes"``, ``"means of groups"``,
      ``"shifts from the control"``, ``"embeddings"`` (of ``adata`` against ``reference``), or the column
    - ``value``: the score; each is described where the metrics of its name are, in ``gde.metrics``
    - ``floor``: the score of the units of ``adata`` in place of generated ones, real against real: the best that can be hoped for
    - ``chance``: of units, the score of the units of ``adata`` with their groups shuffled, where groups matter; of embeddings, of a guess where that is a known number
    - ``low``, ``high``: 95 % interval over groups of the scores of columns

    The batch that the model was set up with is scored by ``batch_removal`` where it is constant within groups.

    Raises
    ------
    KeyError
        If a column or the control does not exist.
    ValueError
        If groups share units, units are sequences or have several modalities, a column varies within groups, or there is no AnnData.

    Warns
    -----
    UserWarning
        If the model was trained to tell the values of a column apart (``labels_key``) and saw the label of some of these groups, whose embeddings then differ by whatever it said.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=6, n_units=30, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> scores = gde.tl.evaluate(model, columns=["severity"])
    >>> scores.loc[["energy_distance", "information_retention:severity"], "about"].tolist()
    ['units of each group', 'severity']
    """
    check_model(model)
    check_integer("n_components", n_components, 1)
    check_integer("seed", seed)
    check_keys({"columns": columns})
    if not model.group_keys:
        raise ValueError("`evaluate` compares units group by group, and the groups of this model share units.")
    adata = model.adata if adata is None else adata
    if adata is None:
        raise ValueError("This model was loaded without an AnnData: pass `adata`.")
    adata = _checked(model, adata, "adata")
    reference = None if reference is None else _checked(model, reference, "reference")
    columns = list(dict.fromkeys(columns or ()))
    whole, rng = adata, np.random.default_rng(seed)
    labels = _labels_of_groups(model, whole, columns, control)
    if reference is None:
        adata, reference = _halves(adata, _labels(model, adata), rng)
    rows = _score_generated(model, adata, reference, control, n_components, rng, seed)
    halves = (_embed(model, adata), _embed(model, reference))
    rows += score_groups(halves, halves[0] if whole is adata else _embed(model, whole), labels, seed)
    table = pd.DataFrame(rows, columns=["about", "metric", "value", "floor", "chance", "low", "high"])
    is_label = table["about"].isin(labels.columns)
    table["metric"] = table["metric"].where(~is_label, table["metric"] + ":" + table["about"])
    return table.set_index("metric").astype(dict.fromkeys(("value", "floor", "chance", "low", "high"), float))


def _checked(model: GDEModel, adata: AnnData, argument: str) -> AnnData:
    check_anndata(adata, argument)
    return with_genes_of(model, adata, argument)


def _score_generated(
    model: GDEModel,
    adata: AnnData,
    reference: AnnData,
    control: str | None,
    n_components: int,
    rng: np.random.Generator,
    seed: int,
) -> list[dict[str, object]]:
    """Rows about generated units."""
    target = _labels(model, reference)
    sizes = pd.Series(target).value_counts(sort=False).to_dict()
    generated = model.generate(adata, groups=list(sizes), n_units=sizes, seed=seed)
    real, held_out, new = _in_one_space(model, [adata, reference, generated], n_components, seed)
    pooled = real._replace(groups=rng.permutation(real.groups))  # each unit once: copies would give themselves away
    scores = {
        "value": _by_group(new, held_out, control) | _of_all(model, new, held_out, seed),
        "floor": _by_group(real, held_out, control) | _of_all(model, real, held_out, seed),
        "chance": _by_group(pooled, held_out, control),
    }
    return [
        {"about": about, "metric": metric} | {name: of.get((about, metric)) for name, of in scores.items()}
        for about, metric in scores["value"]
    ]


def _in_one_space(model: GDEModel, origins: list[AnnData], n_components: int, seed: int) -> list[Units]:
    """Real, held-out and generated units in principal components of the real and the held-out ones."""
    values = [unit_values(model, data) for data in origins]
    is_counts = model.likelihood != "normal"
    scale = float(np.median(np.concatenate([library_sizes(v) for v in values[:2]]))) if is_counts else None
    normalised = [log_normalise(v, scale) for v in values]
    real = np.concatenate(normalised[:2])
    space = PCA(min(n_components, *normalised[0].shape), random_state=seed).fit(real)
    points = [space.transform(x) for x in normalised]
    groups = [_labels(model, data) for data in origins]
    return [Units(*parts) for parts in zip(values, normalised, points, groups, strict=True)]


def _by_group(candidate: Units, held_out: Units, control: str | None) -> dict[tuple[str, str], float]:
    scores = [*score_each_group(candidate, held_out), *score_means(candidate, held_out, control)]
    return {(about, metric): value for about, metric, value in scores}


def _of_all(model: GDEModel, candidate: Units, held_out: Units, seed: int) -> dict[tuple[str, str], float]:
    scores = [*score_all_units(candidate, held_out, seed=seed)]
    scores += score_genes(candidate, held_out) if model.likelihood != "normal" else []
    return {(about, metric): value for about, metric, value in scores}


def _labels_of_groups(model: GDEModel, adata: AnnData, columns: Sequence[str], control: str | None) -> pd.DataFrame:
    for column in columns:
        if column not in adata.obs:
            raise KeyError(
                f"`columns`: {column!r} is not a column of `.obs`. {near_matches(column, adata.obs.columns)}"
            )
    groups = _labels(model, adata)
    if control is not None and control not in groups:
        raise KeyError(f"`control`: {control!r} is not a group. {near_matches(control, np.unique(groups))}")
    setup = model.registry["setup_args"]
    labels = labels_of_groups(adata.obs, groups, columns, setup.get("batch_key"))
    n_seen = int(labels.index.isin(model.labelled_groups_).sum())
    for column in columns:
        warn_if_seen(adata.obs, column, setup, n_seen, len(labels))
    return labels


def _embed(model: GDEModel, adata: AnnData) -> pd.DataFrame:
    return model.get_group_embeddings(adata, key_added=None)


def _labels(model: GDEModel, adata: AnnData) -> np.ndarray:
    return group_labels(adata.obs, model.group_keys).astype(str).to_numpy()


def _halves(adata: AnnData, labels: np.ndarray, rng: np.random.Generator) -> tuple[AnnData, AnnData]:
    order = rng.permutation(adata.n_obs)
    rank = pd.Series(labels[order]).groupby(labels[order]).cumcount().to_numpy()
    first, second = (adata[np.sort(order[rank % 2 == part])] for part in (0, 1))
    return (first.to_memory(), second.to_memory()) if adata.isbacked else (first.copy(), second.copy())
