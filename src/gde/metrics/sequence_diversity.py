"""How different the sequences of a set are."""

from collections.abc import Sequence

import numpy as np

from gde.metrics.sequence_distances import sequence_distances


def sequence_diversity(sequences: Sequence[str], *, n_pairs: int = 500, seed: int = 0) -> dict[str, float]:
    """Share of distinct sequences, and mean distance of two of them.

    Parameters
    ----------
    sequences
        At least 2 sequences.
    n_pairs
        Number of pairs, drawn at random, whose distance is measured.
    seed
        Seed of the pairs.

    Returns
    -------
    Dictionary with

    - ``unique``: number of distinct sequences, divided by the number of sequences;
    - ``mean_distance``: mean Levenshtein distance of two different members of the set, divided by the mean length.

    Examples
    --------
    >>> from gde.metrics import sequence_diversity
    >>> sequence_diversity(["AAAA", "AAAA", "AATT", "AATT"])["unique"]
    0.5
    """
    if len(sequences) < 2:
        raise ValueError(f"sequences has {len(sequences)}: at least 2 are needed.")
    rng = np.random.default_rng(seed)
    first = rng.integers(len(sequences), size=n_pairs)
    second = (first + rng.integers(1, len(sequences), size=n_pairs)) % len(sequences)
    distances = [sequence_distances([sequences[i]], [sequences[j]])[0, 0] for i, j in zip(first, second, strict=True)]
    return {
        "unique": len(set(sequences)) / len(sequences),
        "mean_distance": float(np.mean(distances) / np.mean([len(sequence) for sequence in sequences])),
    }
