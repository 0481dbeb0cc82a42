"""Configuration of the documentation: https://www.sphinx-doc.org/en/master/usage/configuration.html."""

import shutil
from importlib import import_module
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent

project = "gde"
author = "the gde developers"
copyright = "2026, the gde developers"
version = release = version_of("gde-tools")

extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax"]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
suppress_warnings = [
    "config.cache",  # autosummary_context holds a function
    "toc.empty_glob",  # there may be no tutorial or no benchmark yet
]

html_theme = "sphinx_book_theme"
html_theme_options = {"navbar_persistent": []}  # the sidebar has a search field already
html_title = "gde"
html_static_path = ["_static"]

myst_enable_extensions = ["colon_fence", "dollarmath"]
nb_execution_mode = "off"  # tutorials are committed with their outputs

numpydoc_show_class_members = False  # the template of a class lists them
python_maximum_signature_line_length = 88


def own_members(module: str, name: str) -> list[str]:
    """Public members of a class that gde itself defines, not those of torch's, scvi-tools' or tuple's."""
    cls = getattr(import_module(module), name)
    bases = [base for base in cls.__mro__ if base.__module__.split(".")[0] == "gde"]
    public = {member for base in bases for member in vars(base) if not member.startswith("_")}
    return sorted(public - set(getattr(cls, "_fields", ())))


autosummary_context = {"own_members": own_members}

for notebook in HERE.parent.glob("tutorials/*.ipynb"):
    shutil.copy2(notebook, HERE / "tutorials")
