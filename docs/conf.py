"""Configuration of the documentation: https://www.sphinx-doc.org/en/master/usage/configuration.html."""

import inspect
import re
import shutil
from importlib import import_module
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.inspect import signature
from sphinx.util.typing import stringify_annotation

HERE = Path(__file__).parent

project = "gde"
author = "the gde developers"
copyright = "2026, the gde developers"
version = release = version_of("gde-tools")

extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax"]
exclude_patterns = ["_build"]  # and, below, the index of a folder that is still empty
templates_path = ["_templates"]
suppress_warnings = [
    "config.cache",  # autosummary_context holds a function
    "toc.excluded",  # an excluded index is still in the table of contents
]

html_theme = "sphinx_book_theme"
html_theme_options = {"navbar_persistent": []}  # the sidebar has a search field already
html_title = "gde"
html_static_path = ["_static"]
html_css_files = ["gde.css"]

myst_enable_extensions = ["colon_fence", "dollarmath"]
nb_execution_mode = "off"  # tutorials are committed with their outputs

numpydoc_show_class_members = False  # the template of a class lists them
python_maximum_signature_line_length = 88


def own_members(module: str, name: str) -> list[str]:
    """Public members of a class that gde itself defines, not those of torch's, scvi-tools' or tuple's, nor those that scikit-learn puts into it."""
    cls = getattr(import_module(module), name)
    bases = [base for base in cls.__mro__ if base.__module__.split(".")[0] == "gde"]
    public = {member for base in bases for member in vars(base) if not re.match(r"_|set_\w+_request$", member)}
    return sorted(public - set(getattr(cls, "_fields", ())))


autosummary_context = {"own_members": own_members}

for notebook in HERE.parent.glob("tutorials/*.ipynb"):
    shutil.copy2(notebook, HERE / "tutorials")

for folder in ("benchmarks", "tutorials"):
    if not any(page.suffix in {".md", ".ipynb"} and page.stem != "index" for page in (HERE / folder).iterdir()):
        exclude_patterns.append(f"{folder}/index.*")


def type_returns(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Put the annotated type above a Returns section in prose, where numpydoc expects it."""
    rules = [row for row, line in enumerate(lines) if re.fullmatch(r"\s*-{3,}\s*", line)]
    starts = [row + 1 for row in rules if lines[row - 1].strip() == "Returns"]
    if not starts or not callable(obj):
        return
    start = starts[0]
    end = min((row - 1 for row in rules if row > start), default=len(lines))
    returned = signature(obj).return_annotation
    if returned is not inspect.Signature.empty:
        full_name = stringify_annotation(returned, "fully-qualified-except-typing")
        short_name = re.sub(r"\b(?:\w+\.)+", "", full_name)
        lines[start:end] = [short_name, *(f"    {line}" for line in lines[start:end])]


def setup(app: Sphinx) -> None:
    """Run before numpydoc, whose priority is 500."""
    app.connect("autodoc-process-docstring", type_returns, priority=400)
