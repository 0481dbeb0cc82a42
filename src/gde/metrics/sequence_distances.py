"""How many letters two sequences are apart."""

from collections.abc import Sequence

import numpy as np


def sequence_distances(sequences: Sequence[str], references: Sequence[str]) -> np.ndarray:
    """Levenshtein distance of each sequence to each reference: the least number of letters to change, insert or delete.

    The dynamic programme of Wagner & Fischer 1974 runs over the references at once, row by row; insertions within a row are a running minimum.

    Parameters
    ----------
    sequences, references
        Sequences.

    Returns
    -------
    Distances, sequences x references, integers.

    Raises
    ------
    ValueError
        If there are no sequences or no references.

    Examples
    --------
    >>> from gde.metrics import sequence_distances
    >>> sequence_distances(["ACGT"], ["ACGT", "AGT", "TTTT"])
    array([[0, 1, 3]])
    """
    if len(sequences) == 0 or len(references) == 0:
        raise ValueError("At least one sequence and one reference are needed.")
    lengths = np.array([len(reference) for reference in references])
    width = int(lengths.max())
    letters = np.array([list(reference.ljust(width, "\0")) for reference in references]).reshape(len(references), width)
    place = np.arange(width + 1, dtype=np.int16)
    distances = np.empty((len(sequences), len(references)), dtype=int)
    for row, sequence in enumerate(sequences):
        cost = np.tile(place, (len(references), 1))
        for n, letter in enumerate(sequence, start=1):
            new = np.full_like(cost, n)
            new[:, 1:] = np.minimum(cost[:, :-1] + (letters != letter), cost[:, 1:] + 1)
            cost = np.minimum.accumulate(new - place, axis=1) + place
        distances[row] = cost[np.arange(len(references)), lengths]
    return distances
