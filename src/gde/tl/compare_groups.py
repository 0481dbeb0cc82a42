"""Which groups, or classes of groups, differ?"""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy.stats import false_discovery_control

from gde.data import check_integer, check_keys
from gde.stats import corrected_distances, two_class_test, two_group_test
from gde.tl._check_pairs import check_pairs
from gde.tl._group_estimates import GroupEstimates, group_estimates, groups_by_class


def compare_groups(
    adata: AnnData,
    groupby: str | None = None,
    *,
    pairs: Sequence[tuple[Any, Any]] | None = None,
    key: str = "gde",
    n_permutations: int = 9999,
    seed: int = 0,
) -> pd.DataFrame:
    """Test pairs of groups, or pairs of classes of groups, for a difference of their embeddings.

    Two **groups** (donors) are compared by what the central limit theorem says of either embedding: would other units of the same two groups also
    differ? Two **classes** of groups (conditions of donors) are compared by permuting whole groups, so that units never count as replicates: would other groups of the same
    classes also differ? The first question says nothing about classes: any two donors differ if there are enough cells.

    Parameters
    ----------
    adata
        AnnData that ``model.get_group_embeddings(adata, return_cov=True)`` has written to. The encoder is taken as given: it should not have been
        chosen by the difference that is tested.
    groupby
        Column of ``.obs`` with the class of each group, constant within groups; groups without a value are left out. None compares single groups.
    pairs
        Names of groups, or classes, to compare; None: all pairs. Each test counts in the correction, so ask for no more than are needed.
    key
        Where in ``.uns`` the embeddings are.
    n_permutations
        Random divisions of the groups of two classes; if there are no more than this in all, all are looked at. More give smaller p-values.
    seed
        Seed of random divisions.

    Returns
    -------
    DataFrame with a row per pair, in their order:

    - ``a``, ``b``: names of the groups, or the classes
    - ``method``: ``"hotelling"`` (all directions together), ``"marginal_t"`` (coordinate by coordinate, with Bonferroni's correction: no more
      units than n_latent + 1) or ``"too_few_units"``, see :func:`gde.stats.two_group_test`; of classes ``"exact_permutation"``, ``"permutation"`` or
      ``"too_few_groups"``, see :func:`gde.stats.two_class_test`
    - ``statistic``: F with ``df_1`` and ``df_2`` degrees of freedom; of classes Welch's T² on distances, which has none
    - ``p_value``, and ``p_adjusted`` by Benjamini and Hochberg over the rows that were tested: of rows called different below 0.05, at most a twentieth is false on average, which is
      proven for independent rows; rows that share a group are not
    - ``squared_distance``: corrected for sampling noise (of classes, for the choice of groups, too), which may be negative
    - ``n_a``, ``n_b``: Kish's effective numbers of units; of classes, numbers of groups

    Raises
    ------
    KeyError
        If there are no embeddings with covariances, or a column, group or class does not exist.
    ValueError
        If classes vary within groups, groups share units, or there is nothing to compare.

    Warns
    -----
    UserWarning
        If the model was trained to tell the classes apart (``labels_key``) and saw the label of some of these groups, whose embeddings then differ by whatever it said.

    Notes
    -----
    A few units of several types may all be of one, and then seem to be known better than they are: groups of less than some 20 units are called different more often than
    the level says.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. Controlling the false discovery rate. *Journal of the Royal Statistical Society B* 57, 289–300 (1995).

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> embeddings, covariances = model.get_group_embeddings(return_cov=True)
    >>> table = gde.tl.compare_groups(adata)
    >>> len(table), table["method"].unique().tolist()
    (6, ['hotelling'])
    """
    check_keys({"groupby": groupby})
    check_integer("n_permutations", n_permutations, 1)
    check_integer("seed", seed)
    estimates = group_estimates(adata, key)
    if groupby is None:
        members: dict[Any, Any] = {name: row for row, name in enumerate(estimates.names)}
        rows = [_two_groups(estimates, members, a, b) for a, b in check_pairs(pairs, members)]
    else:
        members = groups_by_class(adata, key, groupby)
        rows = [
            _two_classes(estimates.embeddings, members, a, b, n_permutations, seed)
            for a, b in check_pairs(pairs, members)
        ]
    table = pd.DataFrame(rows)
    tested = table["p_value"].notna()
    table.insert(table.columns.get_loc("p_value") + 1, "p_adjusted", np.nan)
    table.loc[tested, "p_adjusted"] = false_discovery_control(table.loc[tested, "p_value"])
    return table


def _two_groups(estimates: GroupEstimates, row_of: dict[Hashable, int], a: Hashable, b: Hashable) -> dict[str, Any]:
    (z_a, sigma_a, n_a), (z_b, sigma_b, n_b) = (
        (estimates.embeddings[row], estimates.covariances[row], float(estimates.n_effective[row]))
        for row in (row_of[a], row_of[b])
    )
    test = two_group_test(z_a, sigma_a, n_a, z_b, sigma_b, n_b)
    distance = corrected_distances(np.stack([z_a, z_b]), np.stack([sigma_a, sigma_b]))[0][0, 1]
    return {"a": a, "b": b, **test._asdict(), "squared_distance": distance, "n_a": n_a, "n_b": n_b}


def _two_classes(
    z: np.ndarray, rows_of: dict[Hashable, np.ndarray], a: Hashable, b: Hashable, n_permutations: int, seed: int
) -> dict[str, Any]:
    z_a, z_b = z[rows_of[a]], z[rows_of[b]]
    test = two_class_test(z_a, z_b, n_permutations=n_permutations, seed=seed)
    return {
        "a": a,
        "b": b,
        "method": test.method,
        "statistic": test.statistic,
        "df_1": np.nan,
        "df_2": np.nan,
        "p_value": test.p_value,
        "squared_distance": test.squared_distance,
        "n_a": len(z_a),
        "n_b": len(z_b),
    }
