"""From names to networks, in one place."""

from collections.abc import Callable
from typing import Literal, TypeVar

from gde.encoders import Attention, DeepSets, Median, ResNet, SetEncoder
from gde.generators import (
    CVAE,
    MMD,
    Diffusion,
    FlowMatching,
    Generator,
    NormalizingFlow,
    Sinkhorn,
    SlicedWasserstein,
    Wormhole,
)
from gde.module import GDEModule
from gde.nn import CovariateSizes
from gde.observations import Continuous, Counts, Observation

T = TypeVar("T")
EncoderName = Literal["attention", "deep_sets", "median", "resnet"]
GeneratorName = Literal[
    "cvae", "diffusion", "flow_matching", "mmd", "normalizing_flow", "sinkhorn", "sliced_wasserstein", "wormhole"
]
Likelihood = Literal["nb", "zinb", "poisson", "normal"]

ENCODERS: dict[str, Callable[..., SetEncoder]] = {
    "attention": Attention,
    "deep_sets": DeepSets,
    "median": Median,
    "resnet": ResNet,
}
GENERATORS: dict[str, type[Generator]] = {
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
    n_vars: int,
    likelihood: Likelihood,
    covariates: CovariateSizes,
    encoder: EncoderName | SetEncoder,
    generator: GeneratorName | Generator,
    *,
    n_latent: int,
    n_latent_unit: int,
    n_hidden: int,
    kl_weight: float | None,
    isometry_weight: float,
) -> GDEModule:
    """Build observation, encoder and generator, which fit together, and the module that holds them.

    Parameters
    ----------
    n_vars
        Number of variables of a unit.
    likelihood, covariates
        What a unit is.
    encoder, generator
        Name or instance.
    n_latent, n_latent_unit, n_hidden, kl_weight, isometry_weight
        See :class:`gde.GDEModel`.

    Raises
    ------
    ValueError
        If a name is unknown, or the sizes of an instance do not fit.
    """
    generator_cls = (
        type(generator) if isinstance(generator, Generator) else _look_up(generator, GENERATORS, "generator")
    )
    observation: Observation
    if likelihood == "normal":
        has_autoencoder = generator_cls.needs_autoencoder
        observation = Continuous(
            n_vars, n_latent_unit, n_latent, has_autoencoder=has_autoencoder, covariates=covariates, n_hidden=n_hidden
        )
    else:
        has_autoencoder = True
        observation = Counts(
            n_vars, n_latent_unit, n_latent, likelihood=likelihood, covariates=covariates, n_hidden=n_hidden
        )
    if isinstance(encoder, str):
        encoder = _look_up(encoder, ENCODERS, "encoder")(observation.n_features, n_latent, n_hidden=n_hidden)
    if isinstance(generator, str):
        # An autoencoder takes the covariates, so that its latent vectors are free of them.
        generator = generator_cls(observation.n_vectors, n_latent, None if has_autoencoder else covariates)
    _check_size("encoder", "n_features", encoder.n_features, observation.n_features)
    _check_size("encoder", "n_latent", encoder.n_latent, n_latent)
    _check_size("generator", "n_vectors", generator.n_vectors, observation.n_vectors)
    _check_size("generator", "n_latent", generator.n_latent, n_latent)
    return GDEModule(
        observation,
        encoder,
        generator,
        covariates=covariates,
        kl_weight=kl_weight,
        isometry_weight=isometry_weight,
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
