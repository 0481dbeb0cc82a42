"""From the arguments of `setup_anndata` to a kind of unit."""

from typing import Any, get_args

from gde.data.matrix_units import MatrixUnits
from gde.data.unit_spec import Likelihood, ObservationName
from gde.data.units import Units


def make_units(
    observation: ObservationName | None = None,
    layer: str | None = None,
    obsm_key: str | None = None,
    likelihood: Likelihood | None = None,
    **others: Any,
) -> Units:
    """The kind of unit that the arguments of :meth:`gde.GDEModel.setup_anndata` say; those on other things are ignored.

    Raises
    ------
    ValueError
        If arguments contradict each other.

    Examples
    --------
    >>> from gde.data import make_units
    >>> make_units().observation, make_units(obsm_key="X_pca").observation
    ('counts', 'continuous')
    """
    if observation not in (None, *get_args(ObservationName)):
        names = ", ".join(map(repr, get_args(ObservationName)))
        raise ValueError(f"`observation` must be one of {names}, got {observation!r}.")
    if obsm_key is not None and (layer is not None or likelihood not in (None, "normal")):
        raise ValueError("`obsm_key` names continuous units: leave out `layer`, and use `likelihood='normal'` or none.")
    if observation == "continuous" and likelihood is None:
        likelihood = "normal"
    units = MatrixUnits(layer, obsm_key, likelihood)
    if observation not in (None, units.observation):
        raise ValueError(
            f"`observation={observation!r}` is not what the other arguments say, {units.observation!r}: leave it out, or change them."
        )
    return units
