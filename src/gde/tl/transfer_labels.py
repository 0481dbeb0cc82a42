"""Which kind is a generated unit?"""

import numpy as np
import pandas as pd
from anndata import AnnData

from gde.data import check_anndata, check_integer, check_keys, near_matches
from gde.model import GDEModel
from gde.tl._label_classifier import LabelClassifier
from gde.tl._values import check_model, library_sizes, unit_values, with_genes_of


def transfer_labels(
    model: GDEModel, new: AnnData, by: str = "cell_type", *, adata: AnnData | None = None, seed: int = 0
) -> pd.DataFrame:
    """Give generated units the labels of real ones: the likeliest of a logistic regression on 30 principal components.

    The components are of log-normalised counts (of the values, where units are continuous), and at most 10,000 real units are used.

    Parameters
    ----------
    model
        The model that generated the units.
    new
        Units from :meth:`gde.GDEModel.generate` or :meth:`gde.GDEModel.interpolate`; gets ``.obs[by]``, a categorical with the categories of the real units.
    by
        Column of ``.obs`` of the real units with the labels.
    adata
        Real units; None: the AnnData that the model was made with.
    seed
        Seed of the choice of real units.

    Returns
    -------
    Probability of each label for each new unit; ``.attrs["accuracy"]`` is the accuracy on real units (3-fold cross-validation).

    Raises
    ------
    TypeError
        If an argument is of another type.
    KeyError
        If there is no such column.
    ValueError
        If there are no real units, fewer than 2 labels, or genes of the model are missing.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=60, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> new = model.generate(groups=["D1"], n_units=20)
    >>> gde.tl.transfer_labels(model, new).shape, "cell_type" in new.obs
    ((20, 5), True)
    """
    check_model(model)
    check_anndata(new, "new")
    check_keys({"by": by})
    check_integer("seed", seed)
    adata = model.adata if adata is None else adata
    if adata is None:
        raise ValueError("This model was loaded without an AnnData: pass `adata`.")
    check_anndata(adata)
    if by not in adata.obs:
        raise KeyError(f"`by`: {by!r} is not a column of `.obs`. {near_matches(by, adata.obs.columns)}")
    if adata.obs[by].nunique() < 2:
        raise ValueError(f"`by`: {by!r} has fewer than 2 labels, so there is nothing to tell apart.")
    values = unit_values(model, with_genes_of(model, adata))
    scale = None if model.likelihood == "normal" else float(np.median(library_sizes(values)))
    classifier = LabelClassifier(values, adata.obs[by], scale, seed)
    found = classifier.probabilities(unit_values(model, with_genes_of(model, new, "new")))
    probabilities = pd.DataFrame(found, index=new.obs_names, columns=classifier.names)
    new.obs[by] = pd.Categorical(probabilities.idxmax(axis=1), categories=classifier.names)
    probabilities.attrs["accuracy"] = classifier.accuracy
    return probabilities
