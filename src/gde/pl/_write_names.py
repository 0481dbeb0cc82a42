"""Names beside points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT_SIZE, GAP = 7, 5  # points
# Where a name may be, seen from its point: side and height, the best first.
PLACES = [(1, 0.0), (-1, 0.0), (1, 0.8), (-1, 0.8), (1, -0.8), (-1, -0.8), (0, 1.1), (0, -1.1), (0, 2.2), (0, -2.2)]


def write_names(ax: Axes, points: np.ndarray, names: Iterable[str]) -> None:
    """Write the name of each point beside it, where it covers the least of other points and names and stays within the axes.

    Places are chosen one after the other, from the sizes that letters have and the layout that the figure has now.
    """
    from matplotlib.textpath import TextPath

    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.draw_without_rendering()
    per_pixel = 72 / (figure.dpi if figure is not None else 72)
    centers = ax.transData.transform(points) * per_pixel
    frame = np.array(ax.get_window_extent().get_points()).ravel() * per_pixel  # left, bottom, right, top
    taken = [np.array([x - 3, y - 3, x + 3, y + 3]) for x, y in centers]
    for (x, y), point, name in zip(centers, points, names, strict=True):
        width = TextPath((0, 0), str(name) or " ", size=FONT_SIZE).get_extents().width
        boxes = [_box(x, y, width, *place) for place in PLACES]
        costs = [sum(_overlap(box, other) for other in taken) + 10 * _outside(box, frame) for box in boxes]
        best = int(np.argmin(costs))
        taken.append(boxes[best])
        side, height = PLACES[best]
        ax.annotate(
            str(name),
            point,
            xytext=(side * GAP, height * (FONT_SIZE + GAP / 2)),
            textcoords="offset points",
            ha={1: "left", 0: "center", -1: "right"}[side],
            va="center",
            fontsize=FONT_SIZE,
            color="0.25",
            arrowprops={"arrowstyle": "-", "color": "0.6", "linewidth": 0.5} if abs(height) > 1.5 else None,
        )


def _box(x: float, y: float, width: float, side: int, height: float) -> np.ndarray:
    """Left, bottom, right and top of a name in a place."""
    left = x + side * GAP - width * (1 - side) / 2
    middle = y + height * (FONT_SIZE + GAP / 2)
    return np.array([left, middle - FONT_SIZE / 2, left + width, middle + FONT_SIZE / 2])


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    width, height = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    return float(max(width, 0) * max(height, 0))


def _outside(box: np.ndarray, frame: np.ndarray) -> float:
    """How much of a name the edge of the axes would cut off, as an area."""
    return float((box[2] - box[0]) * (box[3] - box[1])) - _overlap(box, frame)
