"""How many letters two sequences are apart."""

from collections.abc import Sequence

import numpy as np


def sequence_distances(sequences: Sequence[str], references: Sequence[str]) -> np.ndarray:
    """Levenshtein distance of each sequence to each reference: the least number of letters to change, insert or delete.

    The dynamic programme of Wagner & Fischer 1974 runs over the references at once, letter by letter; insertions are a running minimum over places.

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
    is_letter = {letter: (letters.T == letter).astype(np.int16) for letter in set("".join(sequences))}
    distances = np.empty((len(sequences), len(references)), dtype=int)
    for row, sequence in enumerate(sequences):
        cost = np.zeros((width + 1, len(references)), dtype=np.int16)  # of place j, less j
        for letter in sequence:
            new = np.add(cost, 1)
            np.minimum(new[1:], cost[:-1] - is_letter[letter], out=new[1:])
            for place in range(width):
                np.minimum(new[place + 1], new[place], out=new[place + 1])
            cost = new
        distances[row] = cost[lengths, np.arange(len(references))] + lengths
    return distances
