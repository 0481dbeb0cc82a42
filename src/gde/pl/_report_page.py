"""The page that a report is written to."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.25rem; border-bottom: 1px solid #ccc; margin-top: 2.5rem; }
p { max-width: 44rem; } .about, figcaption { color: #555; font-size: 0.9rem; overflow-wrap: anywhere; }
nav a { margin-right: 1rem; white-space: nowrap; } a { color: #0055a4; }
.figures { margin-top: 1rem; display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; } figure { margin: 0; max-width: 30rem; flex: 1 1 20rem; }
.figures.single figure { max-width: 46rem; } img { max-width: 100%; height: auto; }
table { border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: 0.25rem 1.5rem 0.25rem 0; border-bottom: 1px solid #eee; }
th { font-weight: normal; color: #555; } pre { white-space: pre-wrap; background: #f5f5f5; padding: 0.8rem; font-size: 0.85rem; }
@media (max-width: 40rem) { th, td { display: block; padding-right: 0; } th { border: 0; padding-bottom: 0; } }
@media print { h2 { break-after: avoid; } figure { break-inside: avoid; } }
"""


class Section(NamedTuple):
    """What stands under a heading: paragraphs, a table of names and values, text as it is, figures with captions, a list."""

    title: str = ""
    text: Sequence[str] = ()
    rows: Mapping[str, str] = {}
    code: str = ""
    figures: Sequence[tuple[str, Figure]] = ()
    items: Sequence[str] = ()


def write_page(path: Path, about: str, sections: Sequence[Section]) -> Path:
    """Write sections to an HTML file that needs no other file, and close their figures."""
    links = "".join(f'<a href="#s{i}">{escape(section.title)}</a> ' for i, section in enumerate(sections))
    body = "".join(_section(i, section) for i, section in enumerate(sections))
    made = f"{about}. gde-tools {version('gde-tools')}, {date.today().isoformat()}."
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>gde report</title><style>{STYLE}</style></head><body><h1>Report of a gde model</h1>"
        f'<p class="about">{escape(made)}</p><nav>{links}</nav>{body}</body></html>\n',
        encoding="utf-8",
    )
    return path


def _section(number: int, section: Section) -> str:
    parts = [f'<h2 id="s{number}">{escape(section.title)}</h2>']
    parts += [f"<p>{escape(paragraph)}</p>" for paragraph in section.text]
    if section.rows:
        rows = "".join(
            f"<tr><th scope=row>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in section.rows.items()
        )
        parts.append(f"<table>{rows}</table>")
    if section.code:
        parts.append(f"<pre>{escape(section.code)}</pre>")
    if section.figures:
        single = " single" if len(section.figures) == 1 else ""
        figures = "".join(_figure(caption, figure) for caption, figure in section.figures)
        parts.append(f'<div class="figures{single}">{figures}</div>')
    if section.items:
        parts.append("<ul>" + "".join(f"<li>{escape(item)}</li>" for item in section.items) + "</ul>")
    return "".join(parts)


def _figure(caption: str, figure: Figure) -> str:
    import matplotlib.pyplot as plt

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=140)
    plt.close(figure)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,{data}"><figcaption>{escape(caption)}</figcaption></figure>'
