"""Draw `_static/concept.svg`, the picture of the README: cells of a donor → set encoder → z → generator → new cells."""

from pathlib import Path

import numpy as np

COLORS = {"A": "#0072B2", "B": "#D55E00", "C": "#009E73"}  # Okabe and Ito's, safe for colour-blind eyes
INK, SLATE, GREY, PALE = "#22303C", "#3D4F60", "#5F6E7B", "#EEF2F6"

ROWS = {"A": 172, "B": 322, "C": 472}  # height of each donor's row
X_CELLS, X_ENCODER, X_SPACE, X_GENERATOR, X_NEW = 205, 515, 800, 1085, 1395
CARD = 290, 132  # width and height
N_CELLS = {"A": 60, "B": 26, "C": 95}
N_NEW = 60
POINTS = {"A": (742, 248), "B": (792, 316), "C": (872, 404)}  # where each donor lies in the space of embeddings
OTHERS = [(698, 222), (710, 352), (780, 212), (836, 218), (750, 370), (838, 356), (800, 432), (908, 352), (904, 230)]

STATES = np.array([[-85, 12], [5, -28], [84, 14]])  # centres of three cell states, in each card alike
SPREAD = np.array([[17, 17], [19, 11], [15, 20]])
SHARES = {"A": (0.70, 0.22, 0.08), "B": (0.30, 0.50, 0.20), "C": (0.06, 0.24, 0.70)}  # of the states, per donor


def cells(donor: str, n_cells: int, rng: np.random.Generator) -> np.ndarray:
    """Draw positions of cells around the middle of a card."""
    state = rng.choice(3, size=n_cells, p=SHARES[donor])
    x, y = (STATES[state] + SPREAD[state] * rng.normal(size=(n_cells, 2)).clip(-2, 2)).T
    return np.column_stack([x.clip(-130, 130), y.clip(-52, 52)])


def text(x: float, y: float, content: str, size: int = 26, color: str = INK, weight: str = "normal") -> str:
    """One centred line of text."""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{color}" font-weight="{weight}">{content}</text>'


def card(x: float, donor: str, n_cells: int, rng: np.random.Generator, *, generated: bool) -> str:
    """One donor's cells in a frame: filled dots for measured cells, rings for generated ones."""
    width, height = CARD
    y, color = ROWS[donor], COLORS[donor]
    frame = f'<rect x="{x - width / 2}" y="{y - height / 2}" width="{width}" height="{height}" rx="14"'
    dash = ' stroke-dasharray="9 6"' if generated else ""
    style = f'fill="none" stroke="{color}" stroke-width="2.2"' if generated else f'fill="{color}" fill-opacity="0.8"'
    dots = "".join(f'<circle cx="{x + dx:.1f}" cy="{y + dy:.1f}" r="5"/>' for dx, dy in cells(donor, n_cells, rng))
    return f'{frame} fill="white" stroke="{color}" stroke-width="3"{dash}/><g {style}>{dots}</g>'


def arrow(start: tuple[float, float], end: tuple[float, float], donor: str) -> str:
    """An S-shaped arrow that starts and ends level."""
    (x0, y0), (x1, y1), middle = start, end, (start[0] + end[0]) / 2
    curve = f'<path d="M {x0} {y0} C {middle} {y0}, {middle} {y1}, {x1} {y1}" fill="none"'
    return f'{curve} stroke="{COLORS[donor]}" stroke-width="4" marker-end="url(#head{donor})"/>'


def flow(donor: str) -> str:
    """A donor's way: cells → encoder → point → generator → new cells. Arrows end short of their target by their head."""
    (x, y), row, middle = POINTS[donor], ROWS[donor], ROWS["B"]
    wide, narrow = middle + 0.7 * (row - middle), middle + 0.35 * (row - middle)  # heights at a network's two sides
    outer, inner = CARD[0] / 2, 95
    return (
        arrow((X_CELLS + outer, row), (X_ENCODER - inner - 12, wide), donor)
        + arrow((X_ENCODER + inner, narrow), (x - 32, y), donor)
        + arrow((x + 22, y), (X_GENERATOR - inner - 12, narrow), donor)
        + arrow((X_GENERATOR + inner, wide), (X_NEW - outer - 14, row), donor)
    )


def network(x: float, lines: tuple[str, str], *, narrows: bool) -> str:
    """A trapezoid that narrows to the right (encoder) or widens (generator)."""
    left, right = (150, 88) if narrows else (88, 150)
    middle = ROWS["B"]
    corners = [(x - 88, middle - left), (x + 88, middle - right), (x + 88, middle + right), (x - 88, middle + left)]
    points = " ".join(f"{a},{b}" for a, b in corners)
    shape = f'<polygon points="{points}" fill="{SLATE}" stroke="{SLATE}" stroke-width="14" stroke-linejoin="round"/>'
    rows = [(middle - 8, lines[0]), (middle + 26, lines[1])] if lines[1] else [(middle + 9, lines[0])]
    return shape + "".join(text(x, y, line, 27, "white", "bold") for y, line in rows)


def space() -> str:
    """The space of embeddings, with other donors in it."""
    x, y, side = X_SPACE, ROWS["B"], 270
    frame = f'<rect x="{x - side / 2}" y="{y - side / 2}" width="{side}" height="{side}" rx="14"'
    others = "".join(f'<circle cx="{a}" cy="{b}" r="7" fill="#B4C0CB"/>' for a, b in OTHERS)
    return f'{frame} fill="{PALE}" stroke="{GREY}" stroke-width="2"/>{others}'


def point(donor: str) -> str:
    """A donor's point, with its letter."""
    x, y = POINTS[donor]
    circle = f'<circle cx="{x}" cy="{y}" r="21" fill="{COLORS[donor]}" stroke="white" stroke-width="3"/>'
    return circle + text(x, y + 9, donor, 25, "white", "bold")


def picture() -> str:
    """The whole picture."""
    rng = np.random.default_rng(3)
    heads = "".join(
        f'<marker id="head{donor}" viewBox="0 0 10 10" refX="4" refY="5" markerWidth="4.5" markerHeight="4.5" '
        f'orient="auto"><path d="M 0 0 L 10 5 L 0 10 z" fill="{color}"/></marker>'
        for donor, color in COLORS.items()
    )
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 620" text-anchor="middle" '
        "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">",
        f'<defs>{heads}</defs><rect width="1600" height="620" rx="24" fill="white"/>',
        text(X_CELLS, 70, "Cells of each donor", 30, weight="bold"),
        text(X_SPACE, 70, "One embedding per donor", 30, weight="bold"),
        text(X_NEW, 70, "New cells", 30, weight="bold"),
        space(),
        *(flow(donor) for donor in ROWS),
        network(X_ENCODER, ("Set", "encoder"), narrows=True),
        network(X_GENERATOR, ("Generator", ""), narrows=False),
        *(card(X_CELLS, donor, N_CELLS[donor], rng, generated=False) for donor in ROWS),
        *(card(X_NEW, donor, N_NEW, rng, generated=True) for donor in ROWS),
        *(text(28, ROWS[donor] + 9, donor, 28, COLORS[donor], "bold") for donor in ROWS),
        *(point(donor) for donor in ROWS),
        text(X_CELLS, 586, "any number, in any order", color=GREY),
        text(X_SPACE, 586, "similar donors lie close", color=GREY),
        text(X_NEW, 586, "as many as you ask for", color=GREY),
        "</svg>\n",
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    (Path(__file__).parent / "_static" / "concept.svg").write_text(picture())
