"""From what is known of the units to the networks that read and make them."""

from typing import Any, cast

from gde.data import ObservationName, UnitSpec
from gde.generators import Generator
from gde.observations import Continuous, CountLikelihoodName, Counts, Image, Joint, Observation

OBSERVATIONS: dict[ObservationName, type[Observation]] = {
    "continuous": Continuous,
    "counts": Counts,
    "image": Image,
    "joint": Joint,
}


def build_observation(
    spec: UnitSpec,
    generator_cls: type[Generator],
    *,
    n_components: int = 0,
    location_scale: bool = False,
    **sizes: Any,
) -> Observation:
    """Build the observation whose vectors a generator models.

    Parameters
    ----------
    spec
        What the units are.
    generator_cls
        Class of the generator. The observation makes vectors of the first of its kinds that this generator models.
    n_components
        Number of principal components of counts that a fixed encoder reads; 0: none does.
    location_scale
        See :class:`gde.GDEModel`.
    **sizes
        Widths and covariates, which all observations take: ``n_vectors``, ``n_latent``, ``n_hidden``, ``covariates``.

    Raises
    ------
    ValueError
        If the generator models no vectors that these units have, or a frame is asked for that they cannot have.
    """
    observation_cls = OBSERVATIONS[spec.observation]
    kind = next((kind for kind in observation_cls.kinds if kind in generator_cls.kinds), None)
    if kind is None:
        raise ValueError(
            f"{generator_cls.__name__} models units of kind {' or '.join(map(repr, generator_cls.kinds))}, and these units are "
            f"{spec.observation} ({' or '.join(map(repr, observation_cls.kinds))})."
        )
    if location_scale and spec.observation != "continuous":
        raise ValueError(
            f"`location_scale=True` is for continuous units, and these are {spec.observation} (likelihood {spec.likelihood!r}): leave it out, "
            "or set up continuous units with `obsm_key=` or `likelihood='normal'`."
        )
    if spec.observation == "joint":
        return Joint({name: _build_part(part, **sizes) for name, part in spec.parts.items()}, **sizes)
    has_autoencoder = generator_cls.needs_autoencoder or kind != observation_cls.kinds[0]
    if spec.observation == "counts":
        observation: Observation = Counts(
            *spec.shape, likelihood=cast(CountLikelihoodName, spec.likelihood), n_components=n_components, **sizes
        )
    elif spec.observation == "image":
        observation = Image(
            spec.shape,  # type: ignore[arg-type]
            value_range=spec.value_range,
            has_autoencoder=has_autoencoder,
            n_components=n_components,
            **sizes,
        )
    else:
        observation = Continuous(*spec.shape, has_autoencoder=has_autoencoder, location_scale=location_scale, **sizes)
    observation.key = spec.registry_key
    return observation


def _build_part(spec: UnitSpec, **sizes: Any) -> Counts | Continuous:
    """One modality, without a unit autoencoder of its own."""
    part: Counts | Continuous
    if spec.observation == "counts":
        part = Counts(*spec.shape, likelihood=cast(CountLikelihoodName, spec.likelihood), is_part=True, **sizes)
    else:
        part = Continuous(*spec.shape, is_part=True, **sizes)
    part.key = spec.registry_key
    return part
