"""From the arguments of `setup_anndata` to a kind of unit."""

from collections.abc import Mapping
from typing import Any, get_args

from gde.data.alphabet import UnknownLetters
from gde.data.image_units import ImageUnits
from gde.data.joint_units import JointUnits
from gde.data.matrix_units import MatrixUnits
from gde.data.sequence_units import SequenceUnits
from gde.data.unit_spec import Likelihood, ObservationName
from gde.data.units import Units

PART_OPTIONS = (
    *("layer", "obsm_key", "likelihood", "observation", "value_range"),
    *("sequence_key", "alphabet", "unknown_letters", "max_length"),
)


def make_units(
    observation: ObservationName | None = None,
    layer: str | None = None,
    obsm_key: str | None = None,
    likelihood: Likelihood | None = None,
    value_range: tuple[float, float] | None = None,
    sequence_key: str | None = None,
    alphabet: str | int | None = None,
    unknown_letters: UnknownLetters = "refuse",
    max_length: int | None = None,
    modalities: Mapping[str, Mapping[str, Any]] | None = None,
    **others: Any,
) -> Units:
    """The kind of unit that the arguments of :meth:`gde.GDEModel.setup_anndata` or :meth:`gde.GDEModel.setup_mudata` say; those on other things are ignored.

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
    if modalities is not None:
        return _make_joint_units(modalities)
    if observation == "joint":
        raise ValueError("`observation='joint'` needs the modalities of a MuData: use `gde.setup_mudata`.")
    if observation not in (None, *get_args(ObservationName)):
        names = ", ".join(map(repr, get_args(ObservationName)))
        raise ValueError(f"`observation` must be one of {names}, got {observation!r}.")
    if sequence_key is not None:
        if observation not in (None, "sequence") or any(x is not None for x in (layer, obsm_key, likelihood)):
            raise ValueError(
                "`sequence_key` names sequences: leave out `observation`, `layer`, `obsm_key` and `likelihood`."
            )
        return SequenceUnits(sequence_key, alphabet, unknown_letters, max_length)
    if alphabet is not None or max_length is not None:
        raise ValueError("`alphabet` and `max_length` are for sequences: name where they are with `sequence_key=`.")
    if obsm_key is not None and (layer is not None or likelihood not in (None, "normal")):
        raise ValueError("`obsm_key` names continuous units: leave out `layer`, and use `likelihood='normal'` or none.")
    if observation == "image" and obsm_key is not None:
        return ImageUnits(obsm_key, value_range)
    if value_range is not None:
        raise ValueError(
            "`value_range` is for images, which are a 4-D array in `.obsm`, named by `obsm_key`: leave it out."
        )
    if observation == "continuous" and likelihood is None:
        likelihood = "normal"
    units = MatrixUnits(layer, obsm_key, likelihood)
    if observation not in (None, units.observation):
        raise ValueError(
            f"`observation={observation!r}` is not what the other arguments say, {units.observation!r}: leave it out, or change them."
        )
    return units


def _make_joint_units(modalities: Mapping[str, Mapping[str, Any]]) -> JointUnits:
    if not isinstance(modalities, Mapping) or not modalities:
        raise ValueError(
            "`modalities` must say what a unit is in each modality, e.g. `{'rna': {'layer': 'counts'}, 'prot': {}}`."
        )
    parts = {}
    for name, options in modalities.items():
        unknown = set(options) - set(PART_OPTIONS)
        if unknown:
            raise ValueError(
                f"`modalities`: {name!r} has the unknown options {sorted(unknown)}; there are {', '.join(PART_OPTIONS)}."
            )
        likelihood = options.get("likelihood")
        if likelihood not in (None, *get_args(Likelihood)):
            names = ", ".join(map(repr, get_args(Likelihood)))
            raise ValueError(f"`modalities`: the likelihood of {name!r} must be one of {names}, got {likelihood!r}.")
        try:
            parts[name] = make_units(**options)
        except ValueError as error:
            raise ValueError(f"`modalities`, {name!r}: {error}") from None
    return JointUnits(parts, modalities)
