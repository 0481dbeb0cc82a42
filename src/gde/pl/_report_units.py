"""Generated units beside real ones, for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from anndata import AnnData

from gde.data import group_labels
from gde.metrics import by_group, c2st, energy_distance, membership_auc
from gde.pl._report_page import Section
from gde.pl._unit_space import dense_rows, log_normalise, to_components
from gde.pl.generated import Kind, generated

if TYPE_CHECKING:
    from gde.model import GDEModel

MAX_UNITS = 3000  # of a kind that are compared
MIN_UNITS = 20


class ComparedUnits(NamedTuple):
    """Held-out, training and generated units of the same groups: the AnnData, places in principal components, and groups."""

    held_out: AnnData
    generated: AnnData
    points: dict[str, np.ndarray]
    groups: dict[str, np.ndarray]


def compared_units(model: GDEModel, seed: int) -> ComparedUnits:
    """Held-out cells of known groups, as many training cells of each group, and as many generated ones."""
    if not model.group_keys or model.units.observation in {"sequence", "joint"}:
        raise ValueError(
            f"Units that are {model.units.observation}, or that groups share, are not compared on this page."
        )
    rng = np.random.default_rng(seed)
    adata = model.adata
    labels = group_labels(adata.obs, model.group_keys).astype(str).to_numpy()
    held_out = rng.permutation(
        np.asarray(model.validation_indices if model.validation_indices is not None else [], dtype=int)
    )
    held_out = np.sort(held_out[np.isin(labels[held_out], labels[model.train_indices])][:MAX_UNITS])
    if len(held_out) < MIN_UNITS:
        raise ValueError(
            f"Training held out fewer than {MIN_UNITS} cells of the groups that it saw, so there is nothing to compare with: "
            "train with `validation='cells'`."
        )
    of_training = rng.permutation(model.train_indices)
    names, sizes = np.unique(labels[held_out], return_counts=True)
    training = np.sort(
        np.concatenate(
            [of_training[labels[of_training] == name][:size] for name, size in zip(names, sizes, strict=True)]
        )
    )
    new = model.generate(groups=names.tolist(), n_units=sizes.tolist(), seed=seed)
    real = [dense_rows(model.unit_matrix(adata), rows) for rows in (held_out, training)]
    raw = [*real, dense_rows(model.unit_matrix(new), np.arange(new.n_obs))]
    values = raw if model.likelihood == "normal" else log_normalise(raw)
    kinds = ("held_out", "training", "generated")
    groups = [labels[held_out], labels[training], group_labels(new.obs, model.group_keys).astype(str).to_numpy()]
    return ComparedUnits(
        adata[held_out].to_memory() if adata.isbacked else adata[held_out].copy(),
        new,
        dict(zip(kinds, to_components(values, n_real=2), strict=True)),
        dict(zip(kinds, groups, strict=True)),
    )


def quality_section(model: GDEModel, units: ComparedUnits) -> Section:
    """Scores and figures of generated units, beside the floor."""
    import matplotlib.pyplot as plt

    held_out, scores = units.points["held_out"], {}
    for kind in ("generated", "training"):
        of_groups = by_group(
            energy_distance, units.points[kind], units.groups[kind], held_out, units.groups["held_out"]
        )
        scores[kind] = float(of_groups.mean()), c2st(units.points[kind], held_out)
    rows = {
        f"{name} (best: {best})": f"{scores['generated'][i]:.2f}; floor {scores['training'][i]:.2f}"
        for i, (name, best) in enumerate(
            [("energy distance within a group, mean", "0"), ("AUC of a classifier", "0.5")]
        )
    }
    setup = model.registry["setup_args"]
    where = {"layer": setup["layer"], "obsm_key": setup["obsm_key"]}
    kinds: list[Kind] = ["pca", "mean", "variance"]
    kinds += [] if model.likelihood == "normal" else ["library_size"]
    figures = []
    for kind in kinds:
        figure, ax = plt.subplots(figsize=(4.2, 3.8), layout="constrained")
        generated(units.held_out, units.generated, kind=kind, ax=ax, **where)
        figures.append((CAPTIONS[kind], figure))
    text = [
        f"{len(held_out):,} cells that training did not see, and as many generated ones of the same groups. The floor is the score of as many training "
        "cells in place of the generated ones, real against real: the best that can be hoped for."
    ]
    return Section(text=text, rows=rows, figures=figures)


CAPTIONS: dict[Kind, str] = {
    "pca": "Real and generated units, and lines that hold 20, 50 and 80 % of each.",
    "mean": "Mean of each variable; in grey, of one half of the real units against the other.",
    "variance": "Variance of each variable; in grey, of one half of the real units against the other.",
    "library_size": "Library sizes.",
}


def membership_section(units: ComparedUnits | None) -> Section:
    """Do generated units give away which cells were in training?"""
    if units is None:
        raise ValueError("It needs cells of training groups that were held out, see above.")
    points = units.points
    auc = membership_auc(points["generated"], points["training"], points["held_out"])
    error = 0.5 / np.sqrt(len(points["held_out"]))
    verdict = (
        "no more than chance explains"
        if auc < 0.5 + 2 * error
        else "more than chance explains: cells may have been learnt by heart"
    )
    return Section(
        text=[
            "Are generated cells nearer to cells of the training than to cells that the model never saw? 0.5 is chance, 1 a model that returns its training cells; ± is two standard errors. "
            "It does not prove that nothing leaks: who has the model or an embedding knows more than generated cells show."
        ],
        rows={"membership AUC": f"{auc:.2f} ± {2 * error:.2f}: {verdict}"},
    )
