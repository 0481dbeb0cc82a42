"""Whether two sets of sequences have the same short words."""

from collections.abc import Sequence

import numpy as np

from gde.metrics.kmer_counts import kmer_counts


def kmer_spectrum_correlation(
    real: Sequence[str], generated: Sequence[str], k: int = 6, *, letters: str = "ACGT"
) -> float:
    """Pearson correlation over all words of k letters of how often they occur in two sets of sequences.

    Sampling noise keeps it below 1 for a perfect generator too: the correlation of two halves of the real sequences is what there is to reach.

    Parameters
    ----------
    real, generated
        Sequences; words with other letters do not count.
    k
        Length of the words.
    letters
        The letters of the words.

    Returns
    -------
    Correlation in [-1, 1], 1 is best; NaN where all words are equally frequent in one of the sets.

    Examples
    --------
    >>> from gde.metrics import kmer_spectrum_correlation
    >>> round(kmer_spectrum_correlation(["AAT", "TTA"], ["AAT", "TTA"], k=2), 3)
    1.0
    """
    totals = [np.asarray(kmer_counts(part, k, letters=letters).sum(0)).ravel() for part in (real, generated)]
    if any(np.ptp(total) == 0 for total in totals):
        return float("nan")
    return float(np.corrcoef(*totals)[0, 1])
