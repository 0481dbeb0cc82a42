"""Whether sequences are copies."""

from collections.abc import Sequence

import numpy as np

from gde.metrics.sequence_distances import sequence_distances


def nearest_sequence_distance(sequences: Sequence[str], training: Sequence[str]) -> np.ndarray:
    """Levenshtein distance of each sequence to the nearest training sequence.

    A generator that copies has distances far below those of real sequences that were not in training.

    Parameters
    ----------
    sequences
        Generated sequences, or real ones to compare them with.
    training
        What the generator was trained on.

    Returns
    -------
    Distances in letters, shape (n_sequences,).

    Examples
    --------
    >>> from gde.metrics import nearest_sequence_distance
    >>> nearest_sequence_distance(["ACGT", "AAAA"], ["ACGT", "AAAT"])
    array([0, 1])
    """
    return sequence_distances(sequences, training).min(1)
