"""How well two parts of a group find each other."""

from numpy.typing import ArrayLike

from gde.metrics.rank_score import rank_score


def replicate_robustness(a: ArrayLike, b: ArrayLike) -> float:
    r"""Do two parts of the same group lie nearer to each other than to parts of other groups?

    Cut the units of each group into two parts at random and embed both. For each part, the candidates are the *other*
    parts of all :math:`n` groups: the :math:`b_j` for :math:`a_i`, and the :math:`a_j` for :math:`b_i`. Its rank is the
    number of candidates of other groups that lie strictly nearer (Euclidean) than its own other part; ties count half.
    The score is

    .. math:: 1 - \frac{\overline{\text{rank}}}{n - 1},

    with the mean over the :math:`2n` ordered pairs, :math:`(a_i, b_i)` and :math:`(b_i, a_i)`. SPARE's definition
    differs in that the parts of other groups on the same side are candidates, too.

    Parameters
    ----------
    a, b
        Embeddings of the two parts, groups x dimensions, at least 2 groups. Row ``i`` of both is the same group; of two
        DataFrames the index must agree.

    Returns
    -------
    1 if all parts are nearest to their own other part, 0.5 by chance.

    References
    ----------
    Shitov, V., Dehkordi, M. M. & Luecken, M. D. Benchmarking sample representations from single-cell data: metrics for
    biologically meaningful embeddings. *LMRL workshop at ICLR* (2025).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import replicate_robustness
    >>> replicate_robustness(np.array([[0.0], [1.0]]), np.array([[0.2], [0.9]]))
    1.0
    """
    return (rank_score(a, b) + rank_score(b, a)) / 2
