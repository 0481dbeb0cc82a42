"""Check that an argument is an AnnData."""

from typing import Any

from anndata import AnnData
from mudata import MuData


def check_anndata(value: Any, argument: str = "adata", *, or_mudata: bool = False) -> None:
    """Raise a clear error if an argument is not an AnnData.

    Parameters
    ----------
    value
        What was passed.
    argument
        Its name.
    or_mudata
        Whether a MuData will do, too.

    Raises
    ------
    TypeError
        If it is something else.

    Examples
    --------
    >>> from anndata import AnnData
    >>> from gde.data import check_anndata
    >>> check_anndata(AnnData())
    """
    if not isinstance(value, AnnData) and not (or_mudata and isinstance(value, MuData)):
        cure = (
            " A MuData has `gde.setup_mudata`, and its modalities are AnnData: `mdata[name]`."
            if isinstance(value, MuData)
            else ""
        )
        raise TypeError(f"`{argument}` must be an AnnData, got {type(value).__name__}.{cure}")
