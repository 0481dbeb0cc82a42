"""From the arguments of `setup_anndata` to what the set encoder is given."""

from typing import Any

from gde.data.matrix_units import MatrixUnits
from gde.data.units import Units

GIVEN_KEY = "encoder_X"  # what a batch calls the given features


def make_given_units(encoder_obsm_key: str | None = None, **others: Any) -> Units | None:
    """Features in ``.obsm`` that the set encoder reads instead of the units that the generator makes; None: it reads the units.

    Examples
    --------
    >>> from gde.data import make_given_units
    >>> make_given_units(encoder_obsm_key="X_pca").where
    "`.obsm['X_pca']`"
    """
    if encoder_obsm_key is None:
        return None
    return MatrixUnits(obsm_key=encoder_obsm_key, registry_key=GIVEN_KEY, argument="encoder_obsm_key")
