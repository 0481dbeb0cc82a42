"""Which letters groups of aligned sequences have changed."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def mutation_frequencies(
    sequences: Sequence[str], groups: ArrayLike, reference: str, *, unknown: str = "X"
) -> pd.DataFrame:
    """How frequent each substitution is in each group of aligned sequences.

    Parameters
    ----------
    sequences
        Aligned sequences, all of the length of the reference.
    groups
        Group of each sequence.
    reference
        What they are compared with.
    unknown
        Letter that says nothing: such sequences do not count at that place.

    Returns
    -------
    Shares in [0, 1], groups x mutations, which are named as is usual: ``"D614G"`` for G where the reference has D, at place 614, the first place
    being 1. Only mutations that occur; NaN where a group says nothing on a place.

    Raises
    ------
    ValueError
        If lengths differ.

    Examples
    --------
    >>> from gde.metrics import mutation_frequencies
    >>> mutation_frequencies(["ACD", "AGD", "ACE"], ["a", "a", "b"], reference="ACD")
       C2G  D3E
    a  0.5  0.0
    b  0.0  1.0
    """
    is_bad = [len(sequence) != len(reference) for sequence in sequences]
    if any(is_bad):
        raise ValueError(f"{sum(is_bad)} sequences are not as long as the reference ({len(reference)}): align them.")
    names = pd.Index(pd.unique(np.asarray(groups))).sort_values()
    row = names.get_indexer(np.asarray(groups))
    letters = np.array([list(sequence) for sequence in sequences])
    columns = {}
    for place, own in enumerate(reference):
        column = letters[:, place]
        n_known = np.bincount(row, weights=column != unknown, minlength=len(names))
        for letter in sorted(Counter(column.tolist()).keys() - {own, unknown}):
            n = np.bincount(row, weights=column == letter, minlength=len(names))
            columns[f"{own}{place + 1}{letter}"] = np.divide(
                n, n_known, out=np.full(len(names), np.nan), where=n_known > 0
            )
    return pd.DataFrame(columns, index=names)
