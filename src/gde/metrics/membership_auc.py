"""Do generated units give away which units a model was trained on?"""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.neighbors import NearestNeighbors

from gde.metrics._checks import check_pair


def membership_auc(
    generated: ArrayLike, training: ArrayLike, held_out: ArrayLike, *, n_repeats: int = 5, seed: int = 0
) -> float:
    r"""Probability that the real unit nearest to a generated one is a training unit rather than one that was held out.

    With the distances :math:`d_T` and :math:`d_H` of a generated unit to its nearest training and its nearest held-out unit,

    .. math:: P(d_T < d_H) + \tfrac12 P(d_T = d_H),

    which is the success of an attacker who is shown both neighbours and names the nearer one as the member: an AUC, that of a forced choice between two. Both sets must be equally large for
    chance to be one half, so the larger one is thinned at random, and the mean over several choices is taken. It is the share of Platzer & Reutterer (2021), which they
    call privacy risk if it is above one half.

    It finds units that are learnt by heart. An attacker who knows more than generated units, the weights of the model or the embedding of a group, may do better: a value of one half is no
    proof that nothing is given away.

    Parameters
    ----------
    generated
        Generated units, units x dimensions: principal components of log-normalised counts, say.
    training, held_out
        Real units in the same space that the model was, and was not, trained on: drawn alike, from the same groups in the same proportions. At least 2 each.
    n_repeats
        Number of times that the larger set is thinned.
    seed
        Seed of the choices.

    Returns
    -------
    From 0 to 1: 0.5 if generated units are as near to units that the model never saw, 1 if each is a copy of a training unit. Its standard error is about
    :math:`0.5 / \sqrt n` for n generated or n held-out units, whichever are fewer.

    References
    ----------
    Platzer, M. & Reutterer, T. Holdout-based empirical assessment of mixed-type synthetic data. *Frontiers in Big Data* 4, 679939 (2021).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import membership_auc
    >>> training, held_out = np.random.default_rng(0).normal(size=(2, 200, 5))
    >>> membership_auc(training[:50], training, held_out)
    1.0
    """
    x, members = check_pair(generated, training, ("generated", "training"), min_rows=1)
    others, members = check_pair(held_out, members, ("held_out", "training"), min_rows=2)
    n = min(len(members), len(others))
    rng = np.random.default_rng(seed)
    successes = []
    for _ in range(n_repeats if len(members) != len(others) else 1):
        nearest = [
            NearestNeighbors(n_neighbors=1).fit(rng.permutation(units)[:n]).kneighbors(x)[0][:, 0]
            for units in (members, others)
        ]
        successes.append(np.mean(nearest[0] < nearest[1]) + np.mean(nearest[0] == nearest[1]) / 2)
    return float(np.mean(successes))
