"""From what is known of the units to the networks that read and make them."""

from typing import Any, cast

from gde.data import ObservationName, UnitSpec
from gde.generators import Autoregressive, Generator
from gde.observations import (
    Continuous,
    Convolution,
    CountLikelihoodName,
    Counts,
    Image,
    Joint,
    Observation,
    Pretrained,
    SequenceFeaturiser,
    Sequences,
)

OBSERVATIONS: dict[ObservationName, type[Observation]] = {
    "continuous": Continuous,
    "counts": Counts,
    "sequence": Sequences,
    "image": Image,
    "joint": Joint,
}


def build_observation(
    spec: UnitSpec,
    generator_cls: type[Generator],
    *,
    n_components: int = 0,
    location_scale: bool = False,
    featuriser: str | SequenceFeaturiser | None = None,
    **sizes: Any,
) -> Observation:
    """Build the observation whose vectors a generator models.

    Parameters
    ----------
    spec
        What the units are.
    generator_cls
        Class of the generator, which models one of the kinds of these units. The observation makes vectors of the first kind that it models.
    n_components
        Number of principal components of counts that a fixed encoder reads; 0: none does.
    location_scale
        See :class:`gde.GDEModel`.
    featuriser
        What makes features of sequences: a name or an instance; None: nothing needs to.
    **sizes
        Widths and covariates, which all observations take: ``n_vectors``, ``n_latent``, ``n_hidden``, ``covariates``.

    Raises
    ------
    ValueError
        If a frame or a featuriser is asked for that these units cannot have.
    """
    _check_options(spec, location_scale, featuriser)
    kinds = OBSERVATIONS[spec.observation].kinds
    # Without an autoencoder a generator models the units as they are, which is the first kind.
    has_autoencoder = generator_cls.needs_autoencoder or kinds[0] not in generator_cls.kinds
    observation: Observation
    match spec.observation:
        case "joint":
            return Joint({name: _build_part(part, **sizes) for name, part in spec.parts.items()}, **sizes)
        case "sequence":
            chosen = _find_featuriser(featuriser, spec, sizes["n_hidden"])
            observation = Sequences(*spec.shape, n_letters=spec.n_letters, featuriser=chosen, **sizes)
        case "counts":
            likelihood = cast(CountLikelihoodName, spec.likelihood)
            observation = Counts(*spec.shape, likelihood=likelihood, n_components=n_components, **sizes)
        case "image":
            observation = Image(
                spec.shape,  # type: ignore[arg-type]
                value_range=spec.value_range,
                has_autoencoder=has_autoencoder,
                n_components=n_components,
                **sizes,
            )
        case "continuous":
            observation = Continuous(
                *spec.shape, has_autoencoder=has_autoencoder, location_scale=location_scale, **sizes
            )
    observation.key = spec.registry_key
    return observation


def _check_options(spec: UnitSpec, location_scale: bool, featuriser: str | SequenceFeaturiser | None) -> None:
    if location_scale and spec.observation != "continuous":
        raise ValueError(
            f"`location_scale=True` is for continuous units, and these are {spec.observation} (likelihood {spec.likelihood!r}): leave it out, "
            "or set up continuous units with `obsm_key=` or `likelihood='normal'`."
        )
    if featuriser is not None and spec.observation != "sequence":
        raise ValueError(f"`featuriser` is for sequences, and these units are {spec.observation}: leave it out.")


def _find_featuriser(
    featuriser: str | SequenceFeaturiser | None, spec: UnitSpec, n_hidden: int
) -> SequenceFeaturiser | None:
    """A featuriser from its name: ``"convolution"``, or one of Hugging Face."""
    if not isinstance(featuriser, str):
        return featuriser
    if featuriser == "convolution":
        return Convolution(spec.n_letters, n_hidden)
    if not spec.letters:
        raise ValueError(
            "A pretrained featuriser reads letters, and these sequences are codes in `.obsm`: put strings in `.obs`."
        )
    return Pretrained(featuriser, spec.letters)


def _build_part(spec: UnitSpec, **sizes: Any) -> Counts | Continuous | Image | Sequences:
    """One modality, without a unit autoencoder of its own."""
    part: Counts | Continuous | Image | Sequences
    match spec.observation:
        case "counts":
            part = Counts(*spec.shape, likelihood=cast(CountLikelihoodName, spec.likelihood), is_part=True, **sizes)
        case "image":
            part = Image(spec.shape, value_range=spec.value_range, is_part=True, **sizes)  # type: ignore[arg-type]
        case "sequence":
            featuriser = Convolution(spec.n_letters, sizes["n_hidden"])
            decoder = Autoregressive(spec.shape[0], sizes["n_hidden"], n_letters=spec.n_letters)
            part = Sequences(*spec.shape, n_letters=spec.n_letters, featuriser=featuriser, decoder=decoder, **sizes)
        case _:
            part = Continuous(*spec.shape, is_part=True, **sizes)
    part.key = spec.registry_key
    return part
