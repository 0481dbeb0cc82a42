"""How often short words occur in sequences."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp


def kmer_counts(sequences: Sequence[str], k: int, *, letters: str = "ACGT") -> sp.csr_matrix:
    """Counts of all words of k letters in each sequence.

    Parameters
    ----------
    sequences
        Sequences; words with other letters do not count.
    k
        Length of the words.
    letters
        The letters of the words.

    Returns
    -------
    Counts, sequences x ``len(letters) ** k`` words, which are in the order of the letters, the last letter of a word changing fastest.

    Raises
    ------
    ValueError
        If there are no sequences, or k is below 1.

    Examples
    --------
    >>> from gde.metrics import kmer_counts
    >>> kmer_counts(["AAT", "TTN"], 2, letters="AT").toarray()
    array([[1, 1, 0, 0],
           [0, 0, 0, 1]])
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}.")
    if len(sequences) == 0:
        raise ValueError("sequences is empty.")
    code = np.full(0x110000, -1, dtype=np.int64)
    code[[ord(letter) for letter in letters]] = np.arange(len(letters))
    lengths = np.array([len(sequence) for sequence in sequences])
    flat = code[np.frombuffer("".join(sequences).encode("utf-32-le"), dtype=np.uint32)]
    row = np.repeat(np.arange(len(lengths)), lengths)
    n = max(len(flat) - k + 1, 0)
    parts = np.stack([flat[i : i + n] for i in range(k)])
    is_word = (parts >= 0).all(0) & (row[:n] == row[k - 1 : k - 1 + n])
    word = (parts * len(letters) ** np.arange(k - 1, -1, -1)[:, None]).sum(0)
    counts = sp.coo_matrix(
        (np.ones(is_word.sum(), dtype=np.int64), (row[:n][is_word], word[is_word])),
        shape=(len(lengths), len(letters) ** k),
    )
    return counts.tocsr()
