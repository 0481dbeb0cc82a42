"""A score of groups with its interval."""

from typing import NamedTuple


class Score(NamedTuple):
    """A score, and what it could have been with other groups.

    The interval is a percentile bootstrap over groups of *fixed* predictions: each group was predicted from others once, and only which predictions are averaged is drawn. So
    copies of a group never predict each other. It says nothing of how much predictions would change with other groups to learn from.

    Attributes
    ----------
    value
        The score.
    low, high
        Limits of its interval.
    """

    value: float
    low: float
    high: float
