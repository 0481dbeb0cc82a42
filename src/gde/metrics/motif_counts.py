"""How often motifs occur in sequences."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

COMPLEMENT = str.maketrans("ACGT", "TGCA")
N_LEVELS = 1000  # of the score, for its distribution under the background


def motif_counts(
    sequences: Sequence[str], motifs: Mapping[str, np.ndarray], *, p_value: float = 1e-4, pseudocount: float = 0.8
) -> pd.DataFrame:
    r"""Number of places of each sequence, on both strands, where a motif scores better than chance.

    The score of a place is :math:`\sum_j \log_2 (p_{j, x_j} / \tfrac14)` with p from the counts of the motif plus the pseudocount, shared
    among the letters. The threshold of a motif is the score that uniform random letters reach with probability ``p_value``, from the exact
    distribution of rounded scores (Staden 1989; Touzet & Varré 2007).

    Parameters
    ----------
    sequences
        Sequences of ACGT; a place with another letter is no match.
    motifs
        Counts of each motif, shape (4, length), see :func:`read_jaspar`.
    p_value
        Probability of a match at one place of one strand by chance. A motif of n letters has no matches if this is below 4 to the power of -n.
    pseudocount
        Added to each column of a motif.

    Returns
    -------
    Counts, sequences x motifs.

    Raises
    ------
    ValueError
        If there are no sequences or motifs.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import motif_counts
    >>> tata = 50 * np.array([[0, 1, 0, 1, 0, 1], [0] * 6, [0] * 6, [1, 0, 1, 0, 1, 0]])
    >>> motif_counts(["GGTATATAGG", "GGGGGGGGGG"], {"TATA": tata}, p_value=1e-3)["TATA"].tolist()
    [2, 0]
    """
    if len(sequences) == 0 or not motifs:
        raise ValueError("At least one sequence and one motif are needed.")
    both = [*sequences, *(sequence.translate(COMPLEMENT)[::-1] for sequence in sequences)]
    codes = _codes(both)
    counts = {}
    for name, motif in motifs.items():
        weights = _weights(motif, pseudocount)
        n_hits = _n_hits(codes, weights, _threshold(weights, p_value))
        counts[name] = n_hits[: len(sequences)] + n_hits[len(sequences) :]
    return pd.DataFrame(counts)


def _codes(sequences: Sequence[str]) -> np.ndarray:
    """Codes of letters, filled up with 4, which no motif matches."""
    table = np.full(0x110000, 4, dtype=np.intp)
    table[[ord(letter) for letter in "ACGT"]] = range(4)
    width = max(map(len, sequences))
    text = "".join(sequence.ljust(width, "-") for sequence in sequences)
    return table[np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)].reshape(len(sequences), width)


def _weights(motif: np.ndarray, pseudocount: float) -> np.ndarray:
    """Log-odds in bits, shape (5, length)."""
    share = (motif + pseudocount / 4) / (motif.sum(0) + pseudocount)
    return np.vstack([np.log2(4 * share), np.full(motif.shape[1], -np.inf)])


def _n_hits(codes: np.ndarray, weights: np.ndarray, threshold: float) -> np.ndarray:
    n_places = codes.shape[1] - weights.shape[1] + 1
    if n_places < 1:
        return np.zeros(len(codes), dtype=int)
    score = sum(column[codes[:, j : j + n_places]] for j, column in enumerate(weights.T))
    return (score >= threshold).sum(1)


def _threshold(weights: np.ndarray, p_value: float) -> float:
    """Least score that uniform letters reach with probability of at most ``p_value``, to within the rounding."""
    scores = weights[:4]
    step = (scores.max(0) - scores.min(0)).sum() / N_LEVELS or 1.0
    levels = np.rint((scores - scores.min(0)) / step).astype(int)
    chance = np.ones(1)
    for column in levels.T:
        longer = np.zeros(len(chance) + column.max())
        for level in column:
            longer[level : level + len(chance)] += chance / 4
        chance = longer
    tail = np.append(chance[::-1].cumsum()[::-1], 0.0)  # no score is as high as the last
    level = int(np.argmax(tail <= p_value))
    return scores.min(0).sum() + (level - 0.5) * step
