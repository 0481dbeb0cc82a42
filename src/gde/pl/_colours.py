"""Colours of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from gde.data import near_matches
from gde.pl._finish import palette as okabe_ito

if TYPE_CHECKING:
    from anndata import AnnData

Palette = str | Sequence[str] | Mapping[Any, str]
MISSING = "0.75"  # grey


def column(adata: AnnData, name: str, argument: str) -> pd.Series:
    """A column of ``.obs``, numbers or categories."""
    if name not in adata.obs:
        raise KeyError(f"`{argument}`: {name!r} is not a column of `.obs`. {near_matches(name, adata.obs.columns)}")
    values = adata.obs[name]
    is_numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return values if is_numeric or isinstance(values.dtype, pd.CategoricalDtype) else values.astype("category")


def category_colours(adata: AnnData, name: str, palette: Palette | None = None) -> dict[Any, str]:
    """Colour of each category of a column of ``.obs``: those asked for, else those of ``.uns`` as scanpy keeps them, else Okabe & Ito's."""
    categories = column(adata, name, "color").cat.categories
    if isinstance(palette, Mapping):
        if missing := [category for category in categories if category not in palette]:
            raise ValueError(f"`palette` has no colour for {missing[:5]}.")
        return {category: palette[category] for category in categories}
    if isinstance(palette, str):
        from matplotlib import colormaps
        from matplotlib.colors import to_hex

        chosen = [to_hex(colour) for colour in colormaps[palette].resampled(len(categories))(range(len(categories)))]
    elif palette is not None:
        chosen = list(palette)
    else:
        chosen = list(adata.uns.get(f"{name}_colors", []))
        chosen = chosen if len(chosen) >= len(categories) else okabe_ito(len(categories))
    if len(chosen) < len(categories):
        raise ValueError(f"`palette` has {len(chosen)} colours, and {name!r} has {len(categories)} categories.")
    return dict(zip(categories, chosen, strict=False))
