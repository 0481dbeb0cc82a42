"""One page about a model."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gde.data import near_matches
from gde.pl._report_page import Section, write_page
from gde.pl._report_units import compared_units, membership_section, quality_section
from gde.pl.distances import distances
from gde.pl.embedding import embedding
from gde.pl.geometry import geometry
from gde.pl.training import training

if TYPE_CHECKING:
    from gde.model import GDEModel

FEW_UNITS = 10


def report(
    model: GDEModel,
    path: str | os.PathLike[str],
    *,
    color: str | None = None,
    seed: int = 0,
) -> Path:
    """Write one page about a trained model that opens in any browser, without a network.

    It has the data, the training, the embeddings with their error bars, generated units beside held-out ones and the floor, the certificate of the
    geometry, an audit of membership, and all warnings. What cannot be said of a model (the quality of generated sequences, or the
    geometry of 4 groups) is left out with the reason. The certificate is kept as ``model.geometry_``; nothing else of the model or its AnnData changes.

    Parameters
    ----------
    model
        A trained model with its AnnData.
    path
        The HTML file to write.
    color
        Column of ``.obs`` that is constant within groups, to colour them by.
    seed
        Seed of generation, halves and the certificate.

    Returns
    -------
    The path of the page.

    Raises
    ------
    ValueError
        If the model has no AnnData.
    KeyError
        If there is no such column.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=60, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> import tempfile
    >>> page = gde.pl.report(model, f"{tempfile.mkdtemp()}/report.html", color="condition")
    >>> page.name
    'report.html'
    """
    if model.adata is None:
        raise ValueError("This model was loaded without an AnnData: `GDEModel.load(path, adata=...)`.")
    if color is not None and color not in model.adata.obs:
        raise KeyError(f"`color`: {color!r} is not a column of `.obs`. {near_matches(color, model.adata.obs.columns)}")
    units = None  # are drawn when they are first needed, and shared

    def quality() -> Section:
        nonlocal units
        units = compared_units(model, seed)
        return quality_section(model, units)

    def membership() -> Section:
        return membership_section(units)

    parts: dict[str, Callable[[], Section]] = {
        "Data": lambda: _data(model),
        "Training": lambda: _training(model),
        "Embeddings": lambda: _embeddings(model, color),
        "Generated units": quality,
        "Geometry": lambda: _geometry(model, seed),
        "Membership": membership,
    }
    sections, said = [], list(_concerns(model))
    for title, make in parts.items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                section = make()
            except (ValueError, KeyError) as error:  # which say what the model or its data lack
                section = Section(text=[f"Not shown: {error.args[0]}"])
        said += [f"{title}: {w.message}" for w in caught if issubclass(w.category, UserWarning)]
        sections.append(section._replace(title=title))
    listed = list(dict.fromkeys(said)) or ["None."]
    sections.append(
        Section("Warnings", text=["What was noticed in the model and while this page was made."], items=listed)
    )
    return write_page(Path(path), model._model_summary_string, sections)


def _data(model: GDEModel) -> Section:
    prior = model.labels.prior(model.adata_manager)
    n_units = np.sort(prior.n_units)
    rows = {
        "units": f"{model.adata.n_obs:,}",
        "variables": " × ".join(f"{size:,}" for size in model.unit_spec.shape),
        "units are": f"{model.units.observation}, likelihood {model.likelihood}",
        "groups": f"{len(prior):,}, by {' and '.join(model.group_keys) or 'a label that groups share units of'}",
        "units of a group": f"{n_units[0]:,} to {n_units[-1]:,}, median {np.median(n_units):,.0f}",
        "batches": f"{model.summary_stats.n_batch}",
    }
    if model.validation_indices is not None and len(model.validation_indices):
        rows["held out of training"] = f"{len(model.validation_indices):,} units"
    return Section(rows=rows)


def _training(model: GDEModel) -> Section:
    text = [
        f"{model.n_epochs_} epoch{'s' * (model.n_epochs_ != 1)}. A held-out curve (dashed) that turns upwards while that of training falls is a model that learns its units by heart."
    ]
    return Section(text=text, figures=[("Losses of each epoch, in all and by term.", training(model, show=False))])


def _embeddings(model: GDEModel, color: str | None) -> Section:
    import matplotlib.pyplot as plt

    from gde.get import group_adata

    key = "_gde_report"
    try:
        if model.group_keys:
            model.get_group_embeddings(return_cov=True, key_added=key)
        else:
            model.get_group_embeddings(key_added=key)
        groups = group_adata(model.adata, key)
    finally:
        model.adata.uns.pop(key, None)
    if color is not None and color not in groups.obs:
        raise ValueError(f"`color`: {color!r} varies within groups, so it says nothing about a group.")
    groups.uns |= {name: value for name, value in model.adata.uns.items() if name == f"{color}_colors"}
    basis = f"X_{key}"
    figure, ax = plt.subplots(figsize=(5.6, 4), layout="constrained")
    embedding(groups, basis=basis, color=color, ax=ax)
    figures = [
        (
            "Groups at the first two principal components of their embeddings. Ellipses hold the place of a group with 95 % confidence; hollow dots have too few units for one.",
            figure,
        )
    ]
    if groups.n_obs > 1:
        heatmap, ax = plt.subplots(figsize=(5.6, 5), layout="constrained")
        distances(groups, basis=basis, color=color, ax=ax)
        figures.append(
            ("Distances, corrected for sampling noise where that is known. A dot: chance may explain it.", heatmap)
        )
    return Section(text=[f"{groups.n_obs} groups in {model.module.encoder.n_latent} dimensions."], figures=figures)


def _geometry(model: GDEModel, seed: int) -> Section:
    import matplotlib.pyplot as plt

    certificate = model.certify_geometry(seed=seed)
    figure, ax = plt.subplots(figsize=(4.2, 3.6), layout="constrained")
    geometry(certificate, ax=ax)
    return Section(
        text=["Whether latent distance follows the Wasserstein distance between groups."],
        code=str(certificate),
        figures=[("Each dot is a pair of groups.", figure)],
    )


def _concerns(model: GDEModel) -> list[str]:
    """What can be seen in the data and the losses."""
    prior = model.labels.prior(model.adata_manager)
    found = []
    if n_few := int((prior.n_units < FEW_UNITS).sum()):
        found.append(f"{n_few} of {len(prior)} groups have fewer than {FEW_UNITS} units: their embeddings say little.")
    if model.history and "validation_loss" in model.history:
        loss = model.history["validation_loss"].iloc[:, 0].astype(float)
        if len(loss) > 4 and loss.iloc[-1] > loss.min() + 0.02 * abs(loss.iloc[0] - loss.min()):
            found.append(
                f"The held-out loss was lowest in epoch {int(loss.argmin()) + 1} of {len(loss)} and has risen since."
            )
    return found
