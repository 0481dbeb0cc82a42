"""How many cells of how many donors?"""

from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from gde.data import check_number, near_matches
from gde.stats import required_groups
from gde.tl._group_estimates import GroupEstimates, group_estimates, groups_by_class

N_UNITS = (10, 30, 100, 300, 1000, 3000, 10_000, np.inf)


def required_sample_size(
    adata: AnnData, contrast: tuple[str, Any, Any], power: float = 0.8, *, alpha: float = 0.05, key: str = "gde"
) -> pd.DataFrame:
    r"""Say how many groups (donors) a new study needs in each of two classes, for several numbers of units (cells) in a group.

    The pilot in ``adata`` says how far apart the classes are, and how much embeddings vary along the unit vector u from one class mean to the other:

    .. math::
        \operatorname{Var}(u^\top z) = \sigma^2_\text{between} + \frac{\sigma^2_\text{unit}}{m}, \qquad
        \sigma^2_\text{unit} = \overline{m_i\, u^\top \Sigma_i u}, \qquad
        \sigma^2_\text{between} = \max\big(0,\, s^2_u - \overline{u^\top \Sigma_i u}\big),

    with :math:`s^2_u` the variance of groups within classes (pooled) and :math:`\Sigma_i` the covariances of their embeddings (a one-way
    random-effects model, by moments; Searle, Casella & McCulloch 1992, *Variance Components*, chapter 3). The effect is what a new study will find along u,

    .. math:: u^\top \delta \approx \frac{\lVert d \rVert^2 - s^2_d}{\lVert d \rVert},

    where d is the difference of the pilot's class means, δ the true one, and :math:`s^2_d` the sum of the variances of d. Noise makes d longer than δ and turns u away from it, and
    this takes away both (since :math:`E\, d^\top \delta = \lVert \delta \rVert^2 = E \lVert d \rVert^2 - E s^2_d`).
    :func:`gde.stats.required_groups` gives the number. More units make the second part vanish and leave the first: from some number on they cannot replace groups.

    The pilot's figures are taken as known, so from few groups the answer is rough; and the new study must test along the direction that the pilot gave.

    Parameters
    ----------
    adata
        AnnData that ``model.get_group_embeddings(adata, return_cov=True)`` has written to.
    contrast
        Column of ``.obs`` with the class of each group, and two of its values: ``("condition", "control", "case")``.
    power
        Probability that the new study finds the difference.
    alpha
        Level of its test, two-sided.
    key
        Where in ``.uns`` the embeddings are.

    Returns
    -------
    DataFrame with the index ``n_units`` (units in each group; infinity: their noise is gone), and

    - ``n_groups``: groups needed in each class
    - ``between_share``: share of the variance that is between groups, which no number of units reduces
    - ``more_units_help``: whether more units in a group would do with fewer groups

    and in ``.attrs`` the ``effect``, ``between_variance`` and ``unit_variance`` that went in.

    Raises
    ------
    KeyError
        If there are no embeddings with covariances, or the column or a class does not exist.
    ValueError
        If a class has fewer than 2 groups, or the pilot's classes lie no further apart than noise would put them.

    Warns
    -----
    UserWarning
        If the model was trained to tell the classes apart (``labels_key``) and saw the label of some of these groups, whose embeddings then differ by whatever it said.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=8, n_units=60, n_genes=50, severity_effect=3.0)
    >>> adata.obs["condition"] = (adata.obs["severity"] > adata.obs["severity"].median()).map(
    ...     {True: "ill", False: "well"}
    ... )
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=2, enable_progress_bar=False)
    >>> embeddings, covariances = model.get_group_embeddings(return_cov=True)
    >>> table = gde.tl.required_sample_size(adata, ("condition", "well", "ill"), power=0.9)
    >>> table.columns.tolist()
    ['n_groups', 'between_share', 'more_units_help']
    """
    for argument, value in {"power": power, "alpha": alpha}.items():
        check_number(argument, value)
    if not pd.api.types.is_list_like(contrast) or len(contrast) != 3:
        raise TypeError(
            f"`contrast` must be a column of `.obs` and two of its values, e.g. `('condition', 'control', 'case')`, got {contrast!r}."
        )
    estimates = group_estimates(adata, key)
    a, b = _two_classes(groups_by_class(adata, key, contrast[0]), contrast)
    effect, between, unit = _components(estimates, a, b)
    variance = between + unit / np.array(N_UNITS)
    n_groups = np.array([required_groups(effect, value, power=power, alpha=alpha) for value in variance])
    table = pd.DataFrame(
        {
            "n_groups": n_groups,
            "between_share": np.divide(between, variance, out=np.ones_like(variance), where=variance > 0),
            "more_units_help": n_groups > n_groups[-1],
        },
        index=pd.Index(N_UNITS, name="n_units"),
    )
    table.attrs = {"effect": effect, "between_variance": between, "unit_variance": unit}
    return table


def _two_classes(rows_of: dict[Any, np.ndarray], contrast: tuple[str, Any, Any]) -> tuple[np.ndarray, np.ndarray]:
    column, *classes = contrast
    for name in classes:
        if name not in rows_of:
            raise KeyError(f"`contrast`: {name!r} is no class in {column!r}. {near_matches(name, rows_of)}")
        if len(rows_of[name]) < 2:
            raise ValueError(f"`contrast`: {name!r} has one group, which says nothing about the variance of groups.")
    return rows_of[classes[0]], rows_of[classes[1]]


def _components(estimates: GroupEstimates, a: np.ndarray, b: np.ndarray) -> tuple[float, float, float]:
    """Effect, variance between groups, and variance of a unit's influence, along the contrast."""
    z = estimates.embeddings
    difference = z[b].mean(0) - z[a].mean(0)
    squared, noise = difference @ difference, sum(z[rows].var(0, ddof=1).sum() / len(rows) for rows in (a, b))
    if squared <= noise:
        raise ValueError(
            f"The classes lie no further apart ({squared:.3g}, squared) than the choice of groups and units explains ({noise:.3g}): "
            "this pilot shows no difference to find again."
        )
    u = difference / np.sqrt(squared)
    scores = z @ u
    within = sum(((scores[rows] - scores[rows].mean()) ** 2).sum() for rows in (a, b)) / (len(a) + len(b) - 2)
    own = np.concatenate([a, b])
    along = np.einsum("gij,i,j->g", estimates.covariances[own], u, u)  # NaN for groups of one unit
    between = max(0.0, within - np.nanmean(along))
    unit = np.nanmean(estimates.n_effective[own] * along)
    return float((squared - noise) / np.sqrt(squared)), float(between), float(unit)
