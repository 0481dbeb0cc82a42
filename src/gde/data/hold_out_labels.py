"""Which groups' labels are kept from training."""

import numpy as np
import pandas as pd


def hold_out_labels(codes: np.ndarray, labels: np.ndarray, share: float, seed: int, *, are_classes: bool) -> np.ndarray:
    """Draw groups whose labels training must not see, so that its predictions can be held against them.

    Parameters
    ----------
    codes
        Group of each unit, shape (n_units,).
    labels
        Label of each unit's group, NaN where it is not known, shape (n_units,).
    share
        Share of the labelled groups, rounded down: of each class, or of all for numbers.
    seed
        Seed of the draw.
    are_classes
        Whether labels are codes of classes.

    Returns
    -------
    Whether the label of each unit's group is held out, shape (n_units,).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import hold_out_labels
    >>> hold_out_labels(np.arange(6), np.array([0, 0, 1, 1, 1, np.nan]), 0.5, seed=0, are_classes=True).sum()
    np.int64(2)
    """
    groups = pd.Series(labels, index=codes)[~pd.Index(codes).duplicated()].dropna().sort_index()
    strata = groups if are_classes else pd.Series(0, index=groups.index)
    rng = np.random.default_rng(seed)
    held_out = [rng.permutation(own.index)[: int(share * len(own))] for _, own in groups.groupby(strata)]
    return np.isin(codes, np.concatenate(held_out)) if held_out else np.zeros(len(codes), dtype=bool)
