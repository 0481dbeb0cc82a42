"""From names to networks, in one place."""

import math
from typing import Any, Literal, TypeVar

from gde.data import UnitSpec, check_integer, check_number
from gde.encoders import Attention, DeepSets, Framed, KernelMean, Median, Moments, ResNet, SetEncoder, WithMoments
from gde.generators import (
    CVAE,
    MMD,
    Autoregressive,
    Diffusion,
    FlowMatching,
    Generator,
    NormalizingFlow,
    Sinkhorn,
    SlicedWasserstein,
    Wormhole,
)
from gde.model.build_observation import OBSERVATIONS, build_observation
from gde.module import GDEModule, LabelHead
from gde.nn import CovariateSizes, Scoring
from gde.observations import Continuous, Observation, SequenceFeaturiser

T = TypeVar("T")
EncoderName = Literal["attention", "deep_sets", "kernel_mean", "median", "moments", "resnet"]
GeneratorName = Literal[
    "autoregressive",
    "cvae",
    "diffusion",
    "flow_matching",
    "mmd",
    "normalizing_flow",
    "sinkhorn",
    "sliced_wasserstein",
    "wormhole",
]

# As many principal components of counts as a fixed encoder reads.
MAX_COMPONENTS = 50

ENCODERS: dict[str, type[SetEncoder]] = {
    "attention": Attention,
    "deep_sets": DeepSets,
    "kernel_mean": KernelMean,
    "median": Median,
    "moments": Moments,
    "resnet": ResNet,
}
GENERATORS: dict[str, type[Generator]] = {
    "autoregressive": Autoregressive,
    "cvae": CVAE,
    "diffusion": Diffusion,
    "flow_matching": FlowMatching,
    "mmd": MMD,
    "normalizing_flow": NormalizingFlow,
    "sinkhorn": Sinkhorn,
    "sliced_wasserstein": SlicedWasserstein,
    "wormhole": Wormhole,
}


def build_module(
    units: UnitSpec,
    covariates: CovariateSizes,
    encoder: EncoderName | SetEncoder,
    generator: GeneratorName | Generator | None,
    *,
    given: UnitSpec | None = None,
    featuriser: str | SequenceFeaturiser | None = None,
    n_latent: int,
    n_latent_unit: int,
    n_hidden: int,
    kl_weight: float | None,
    location_scale: bool = False,
    scoring: Scoring,
    isometry_weight: float,
    encode_covariates: bool = False,
    thinning: float = 0.0,
    head: LabelHead | None = None,
    label_weight: float = 1.0,
) -> GDEModule:
    """Build observation, encoder and generator, which fit together, and the module that holds them.

    Parameters
    ----------
    units, covariates
        What a unit is.
    head
        What predicts labels, if there are any.
    encoder, generator
        Name or instance; no generator: the one that suits the units.
    given
        What the encoder reads instead of the units; None: it reads the units.
    featuriser, n_latent, n_latent_unit, n_hidden, kl_weight, location_scale, scoring, isometry_weight, encode_covariates, thinning, label_weight
        See :class:`gde.GDEModel`.

    Raises
    ------
    ValueError
        If a name is unknown, a size or weight is out of range, the sizes of an instance do not fit, the generator does not fit the units, or a
        frame or a weight is asked for that these units cannot have.
    """
    _check_sizes(n_latent=n_latent, n_latent_unit=n_latent_unit, n_hidden=n_hidden)
    _check_weights(isometry_weight=isometry_weight, label_weight=label_weight)
    encoder_cls = type(encoder) if isinstance(encoder, SetEncoder) else _look_up(encoder, ENCODERS, "encoder")
    generator_cls = _generator_class(generator, units)
    _check_encoder(encoder_cls, units, given, featuriser)
    _check_nuisance(units, given, covariates, encoder_cls, encode_covariates, thinning)
    sizes: dict[str, Any] = {
        "n_vectors": n_latent_unit,
        "n_latent": n_latent,
        "n_hidden": n_hidden,
        "covariates": covariates,
    }
    observation = build_observation(
        units,
        generator_cls,
        n_components=_n_components(encoder, n_latent, units) if encoder_cls.is_fixed and given is None else 0,
        location_scale=location_scale,
        featuriser=_default_featuriser(units, given, encoder_cls) if featuriser is None else featuriser,
        **sizes,
    )
    _check_kl_weight(kl_weight, observation)
    read = observation if given is None else _build_given(given, sizes)
    built = _build_encoder(encoder, encoder_cls, read, n_latent, n_hidden)
    return GDEModule(
        observation,
        Framed(built) if location_scale and not _carries_frame(built) else built,
        _build_generator(generator, generator_cls, observation, covariates, n_latent),
        given=None if read is observation else read,
        covariates=covariates,
        kl_weight=kl_weight,
        scoring=scoring,
        isometry_weight=isometry_weight,
        encode_covariates=encode_covariates,
        thinning=thinning,
        head=head,
        label_weight=label_weight,
    )


def _generator_class(generator: str | Generator | None, units: UnitSpec) -> type[Generator]:
    """Class of the generator, which models such units; by default the one that suits them."""
    if generator is None:
        generator = "autoregressive" if units.observation == "sequence" else "flow_matching"
    cls = type(generator) if isinstance(generator, Generator) else _look_up(generator, GENERATORS, "generator")
    kinds = OBSERVATIONS[units.observation].kinds
    if not set(kinds) & set(cls.kinds):
        fitting = [repr(name) for name, other in GENERATORS.items() if set(kinds) & set(other.kinds)]
        raise ValueError(
            f"`generator`: {cls.__name__} models units of kind {' or '.join(map(repr, cls.kinds))}, and these units are {units.observation} "
            f"({' or '.join(map(repr, kinds))}). Use one of {', '.join(fitting)}."
        )
    return cls


def _build_given(given: UnitSpec, sizes: dict[str, Any]) -> Observation:
    """What the encoder reads instead of the units."""
    read = Continuous(*given.shape, common_scale=True, **sizes)
    read.key = given.registry_key
    return read


def _build_encoder(
    encoder: str | SetEncoder, encoder_cls: type[SetEncoder], read: Observation, n_latent: int, n_hidden: int
) -> SetEncoder:
    """An encoder of the features of what is read; an instance is checked."""
    n_features = read.n_fixed_features if encoder_cls.is_fixed else read.n_features
    if isinstance(encoder, str):
        return encoder_cls(n_features, n_latent, **({} if encoder_cls.is_fixed else {"n_hidden": n_hidden}))
    _check_size("encoder", "n_features", encoder.n_features, n_features)
    _check_size("encoder", "n_latent", encoder.n_latent, n_latent)
    return encoder


def _carries_frame(encoder: SetEncoder) -> bool:
    """Whether location and scale of a set move the encoder's embeddings linearly as it is."""
    return isinstance(encoder, Framed | WithMoments) or (isinstance(encoder, Moments) and encoder.n_passes > 1)


def _build_generator(
    generator: str | Generator | None,
    generator_cls: type[Generator],
    observation: Observation,
    covariates: CovariateSizes,
    n_latent: int,
) -> Generator:
    """A generator of the observation's vectors; an instance is checked."""
    if isinstance(generator, Generator):
        _check_size("generator", "n_vectors", generator.n_vectors, observation.n_vectors)
        _check_size("generator", "n_latent", generator.n_latent, n_latent)
        return generator
    # An autoencoder takes the covariates, so that its latent vectors are free of them.
    free = observation.autoencoder is not None
    return generator_cls(
        observation.n_vectors, n_latent, None if free else covariates, **observation.generator_arguments
    )


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        check_integer(name, size, 1)


def _check_weights(**weights: float) -> None:
    for name, weight in weights.items():
        if not 0 <= check_number(name, weight) < math.inf:
            raise ValueError(f"`{name}` must be finite and not negative, got {weight}.")


def _check_encoder(
    encoder_cls: type[SetEncoder],
    units: UnitSpec,
    given: UnitSpec | None,
    featuriser: str | SequenceFeaturiser | None,
) -> None:
    """Whether the encoder can read what it is to read."""
    if given is not None and featuriser is not None:
        raise ValueError(
            "`featuriser`: the encoder reads `encoder_obsm_key` instead of the units. Leave one of them out."
        )
    if encoder_cls.is_fixed and units.observation == "joint":
        names = [repr(name) for name, cls in ENCODERS.items() if not cls.is_fixed]
        raise ValueError(
            f"`encoder`: {encoder_cls.__name__} has no weights that could learn to do without a modality. With several modalities use one of "
            f"{', '.join(names)}."
        )


def _default_featuriser(units: UnitSpec, given: UnitSpec | None, encoder_cls: type[SetEncoder]) -> str | None:
    """A featuriser where the encoder reads learnt features of sequences."""
    return "convolution" if units.observation == "sequence" and given is None and not encoder_cls.is_fixed else None


def _n_components(encoder: str | SetEncoder, n_latent: int, units: UnitSpec) -> int:
    """As many principal components as a fixed encoder reads."""
    return (
        encoder.n_features if isinstance(encoder, SetEncoder) else min(n_latent, MAX_COMPONENTS, math.prod(units.shape))
    )


def _check_kl_weight(kl_weight: float | None, observation: Observation) -> None:
    if kl_weight is None:
        return
    _check_weights(kl_weight=kl_weight)
    if observation.autoencoder is None:
        names = [repr(name) for name, generator in GENERATORS.items() if generator.needs_autoencoder]
        raise ValueError(
            "`kl_weight` is for units with a latent vector, and this generator models the units as they are: leave it out. "
            f"Latent vectors are with counts, or with the generators {', '.join(names)}."
        )


def _check_nuisance(
    units: UnitSpec,
    given: UnitSpec | None,
    covariates: CovariateSizes,
    encoder: type[SetEncoder],
    encode_covariates: bool,
    thinning: float,
) -> None:
    """Whether batch and depth can be kept out of z in this way."""
    if encode_covariates and encoder.is_fixed:
        raise ValueError(
            f"`encode_covariates=True` is for encoders that are trained, and {encoder.__name__} is fixed: leave it out, or use `encoder='deep_sets'`."
        )
    if encode_covariates and all(n < 2 for n in covariates.n_categories) and not covariates.n_continuous:
        raise ValueError(
            "`encode_covariates=True` needs covariates with more than one value: name them in `setup_anndata`, e.g. `batch_key=`, or leave it out."
        )
    if not 0 <= check_number("thinning", thinning) < 1:
        raise ValueError(f"`thinning` is the largest share of counts that is taken away, in [0, 1), got {thinning}.")
    read = units if given is None else given
    if thinning and read.observation != "counts":
        raise ValueError(
            f"`thinning` is for counts, and the encoder reads units that are {read.observation}: leave it out."
        )


def _look_up(name: object, table: dict[str, T], argument: str) -> T:
    if not isinstance(name, str) or name not in table:
        raise ValueError(f"`{argument}` must be one of {', '.join(map(repr, table))} or an instance, got {name!r}.")
    return table[name]


def _check_size(argument: str, attribute: str, got: int, wanted: int) -> None:
    if got != wanted:
        raise ValueError(
            f"`{argument}`: this instance has {attribute}={got}, and the model needs {attribute}={wanted}."
        )
