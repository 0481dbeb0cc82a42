"""What tutorials score by labels: which of their names hold the scores, and how to deal the labels out by lot. Those that are not here score nothing by labels."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

Names = dict[str, Any]


class TutorialScore(NamedTuple):
    """How labels are scored.

    ``deal`` changes labels once the first cell has loaded the data, the cells that ``cells`` numbers make the scores, and ``read`` finds them. Scores of labels
    dealt out by lot lie within ``chance``. With true labels and hardly any training those in ``reached`` are above what it says; others need training.
    """

    deal: Callable[[Names, np.random.Generator], None]
    cells: tuple[int, ...]
    read: Callable[[Names], dict[str, float]]
    chance: tuple[float, float]
    reached: dict[str, float]
    n_steps: int = 4  # where labels are by lot


def _of_groups(data: str, group: str, *columns: str) -> Callable[[Names, np.random.Generator], None]:
    """Deal what groups have in columns out among them."""

    def deal(names: Names, rng: np.random.Generator) -> None:
        obs = names[data].obs
        table = obs.groupby(group, observed=True)[list(columns)].first()
        dealt = table.iloc[rng.permutation(len(table))].set_axis(table.index)
        for column in columns:
            obs[column] = dealt[column].astype(obs[column].dtype).loc[obs[group].astype(str)].to_numpy()

    return deal


def _of_units(data: str, *columns: str, within: str | None = None) -> Callable[[Names, np.random.Generator], None]:
    """Deal what units have in columns out among them, or among those that share another column."""

    def deal(names: Names, rng: np.random.Generator) -> None:
        obs = names[data].obs
        order = np.arange(len(obs))
        for rows in [order] if within is None else obs.groupby(within, observed=True).indices.values():
            order[rows] = rng.permutation(rows)
        for column in columns:
            obs[column] = obs[column].iloc[order].array

    return deal


def _late_clones(names: Names, rng: np.random.Generator) -> None:
    """Late cells get the name of another clone, the same for all of a clone."""
    obs = names["cells"].obs
    clones = obs["clone"].astype(str)
    own = np.unique(clones)
    dealt = dict(zip(own, rng.permutation(own), strict=True))
    obs["clone"] = np.where(obs["day"] == "6", clones.map(dealt), clones)


def _clones(names: Names) -> dict[str, float]:
    return {name: found["mrr"] / found["mrr_chance"] for name, found in names["scores"].items()}


def _donors(names: Names) -> dict[str, float]:
    severity = names["severity_of"](names["bulk"], names["known"])
    components = {"gde": names["groups"].obsm["X_pca"][:, 0], "pseudobulk": names["bulk_pca"][:, 0]}
    order = {name: abs(spearmanr(axis, severity).statistic) for name, axis in components.items()}
    is_ill, predicted = names["severity"] > 0.5, names["predicted"]
    guessed = {"predict": predicted["disease"], "regression": names["guessed"].loc[predicted.index]}
    return order | {name: abs(2 * roc_auc_score(is_ill, p) - 1) for name, p in guessed.items()}


def _quickstart(names: Names) -> dict[str, float]:
    order = abs(spearmanr(names["groups"].obsm["X_pca"][:, 0], names["severity"]).statistic)
    error = np.abs(names["predicted"] - names["truth"]).mean()
    of_mean = np.abs(names["known_severity"].mean() - names["truth"]).mean()
    return {"first component": order, "neighbours": 1 - error / of_mean}


def _images(names: Names) -> dict[str, float]:
    classify = names["classify"]
    return {
        kind: float(np.mean(classify(names[kind]) == names[kind].obs["digit"].astype(str)))
        for kind in ("test", "generated")
    }


def _perturbations(names: Names) -> dict[str, float]:
    gains = names["scores"]["stimulated"]
    return {name: gains[name] / REAL_EFFECTS for name in ("mean effect", "regression", "GDE")}


def _sequences(names: Names) -> dict[str, float]:
    return {
        name: names["order"](names[table].to_numpy()) for name, table in (("gde", "embeddings"), ("words", "means"))
    }


def _uncertainty(names: Names) -> dict[str, float]:
    pairs = names["pairs"]
    large = pairs[pairs[["n_a", "n_b"]].min(axis=1) >= 20]  # three cells may be of one type, like no other donor
    return {"differ": (large["p_adjusted"] < 0.05).mean()}


REAL_EFFECTS = 6.4  # squared, of the stimulated cells, as the tutorial prints them
SCORES = {
    "clones": TutorialScore(_late_clones, (0, 2, 3, 4), _clones, (0.3, 1.7), {"gde": 1.7, "mean of components": 1.7}),
    "donors": TutorialScore(
        _of_groups("cohort", "donor", "severity", "condition"),
        (0, 1, 2, 3, 4, 9),
        _donors,
        (0, 0.5),
        {"gde": 0.5, "pseudobulk": 0.8, "regression": 0.8},
        n_steps=15,
    ),
    "geometry_and_paths": TutorialScore(
        _of_units("adata", "cell_type"),
        (0, 1, 4),
        lambda names: {"accuracy": names["probabilities"].attrs["accuracy"]},
        (0, 0.35),
        {"accuracy": 0.9},
    ),
    "images": TutorialScore(_of_units("adata", "digit"), (0, 1, 2, 4), _images, (0, 0.2), {"test": 0.9}, n_steps=25),
    "multimodal": TutorialScore(
        _of_units("mdata", "cell_type", within="donor"),
        (0, 1, 2, 4, 5),
        lambda names: {"share": names["total"][1]},
        (-0.2, 0.2),
        {"share": 0.5},
    ),
    "perturbations": TutorialScore(
        _of_units("adata", "guide", "target_gene", within="stimulation"),
        (0, 2, 3, 6, 7, 8, 9),
        _perturbations,
        (-np.inf, 0),
        {},
    ),
    "quickstart": TutorialScore(
        _of_groups("adata", "donor", "severity", "condition"),
        (0, 1, 2, 3, 4),
        _quickstart,
        (-np.inf, 0.5),
        {"first component": 0.8, "neighbours": 0.2},
    ),
    "sequences": TutorialScore(
        _of_units("adata", "expression", "expression_bin"),
        (0, 1, 2, 3),
        _sequences,
        (-0.6, 0.6),
        {"gde": 0.7, "words": 0.8},
    ),
    "uncertainty": TutorialScore(_of_units("adata", "donor"), (0, 1, 5), _uncertainty, (0, 0.05), {"differ": 0.5}),
}
