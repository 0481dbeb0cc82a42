"""Promoters without any embedding: a Markov chain for each quantile of expression."""

import numpy as np
import pandas as pd

ORDER = 3
PRIOR = 30.0  # letters of all quantiles that are added to those of a quantile, after each word


def markov_promoters(training: pd.DataFrame, sizes: pd.Series, seed: int) -> pd.DataFrame:
    """New promoters of each quantile, whose letters depend on the three before and whose lengths are those of training promoters."""
    rng = np.random.default_rng(seed)
    letters = sorted(set("".join(training["sequence"])))
    number = {letter: code for code, letter in enumerate(letters)}
    codes = [np.array([number[letter] for letter in sequence]) for sequence in training["sequence"]]
    of_all = _counts(codes, len(letters)) + 0.5
    of_all /= of_all.sum(1, keepdims=True)
    parts = []
    for quantile, n_units in sizes.items():
        own = [x for x, of in zip(codes, training["expression_bin"], strict=True) if of == quantile]
        chances = _counts(own, len(letters)) + PRIOR * of_all
        drawn = _draw(chances / chances.sum(1, keepdims=True), own, int(n_units), rng)
        parts.append(
            pd.DataFrame(
                {"sequence": ["".join(letters[code] for code in x) for x in drawn], "expression_bin": quantile}
            )
        )
    return pd.concat(parts, ignore_index=True)


def _word(x: np.ndarray, n_letters: int) -> np.ndarray:
    """Number of the word before each letter from the fourth on."""
    return sum(x[place : len(x) - ORDER + place] * n_letters ** (ORDER - 1 - place) for place in range(ORDER))


def _counts(sequences: list[np.ndarray], n_letters: int) -> np.ndarray:
    """How often each letter comes after each word, (words, letters)."""
    counts = np.zeros((n_letters**ORDER, n_letters))
    for x in sequences:
        np.add.at(counts, (_word(x, n_letters), x[ORDER:]), 1)
    return counts


def _draw(chances: np.ndarray, own: list[np.ndarray], n_units: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Sequences that begin with the first word of a real one and are as long."""
    n_letters, thresholds = chances.shape[1], chances.cumsum(1)
    new = []
    for start in rng.integers(len(own), size=n_units):
        x = own[start].copy()
        for place in range(ORDER, len(x)):
            word = int(_word(x[place - ORDER : place + 1], n_letters)[0])
            x[place] = min(int(np.searchsorted(thresholds[word], rng.random())), n_letters - 1)
        new.append(x)
    return new
