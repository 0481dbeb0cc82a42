"""Encoders and modules for sets that come fresh without end."""

from typing import Any

from gde.data import UnitSpec
from gde.encoders import SetEncoder, WithMoments
from gde.generators import FlowMatching
from gde.model.build_module import ENCODERS, build_module
from gde.module import GDEModule
from gde.nn import CovariateSizes

WITH_MOMENTS = " with moments"  # ends the name of an encoder that has them beside it


def build_encoder(name: str, n_features: int, n_latent: int, n_hidden: int, noise_sd: float = 0.0) -> SetEncoder:
    """An encoder without noise, unless it is asked for: where sets come fresh without end, none has to keep it from learning them by heart."""
    if name.endswith(WITH_MOMENTS):
        inner = name.removesuffix(WITH_MOMENTS)
        return WithMoments(build_encoder(inner, n_features, n_latent - _n_moments(n_features), n_hidden))
    kind = ENCODERS[name]
    return kind(n_features, n_latent, **({} if kind.is_fixed else {"n_hidden": n_hidden, "noise_sd": noise_sd}))


def latent_width(encoder: str, n_features: int, n_latent: int) -> int:
    """``n_latent``, except for moments, whose width is that of mean and covariance."""
    return _n_moments(n_features) if encoder == "moments" else n_latent


def _n_moments(n_features: int) -> int:
    """Number of means and entries of a covariance."""
    return n_features * (n_features + 3) // 2


def build_continuous(
    n_vars: int, encoder: str, generator: str, *, n_latent: int, n_hidden: int, noise_sd: float = 0.0, **options: Any
) -> GDEModule:
    """A module for plain vectors, from names; ``options`` are those of :class:`gde.GDEModel`, ``noise_sd`` that of the encoder."""
    n_latent = latent_width(encoder, n_vars, n_latent)
    # Smaller than the default, which was chosen on cells: a budget in seconds buys twice as many steps.
    flow = FlowMatching(n_vars, n_latent, n_hidden=n_hidden, n_layers=3)
    return build_module(
        UnitSpec("continuous", (n_vars,)),
        CovariateSizes(),
        build_encoder(encoder, n_vars, n_latent, n_hidden, noise_sd),
        flow if generator == "flow_matching" else generator,
        n_latent=n_latent,
        n_latent_unit=max(2, n_vars),
        n_hidden=n_hidden,
        kl_weight=None,
        **{"scoring": "other_half", "isometry_weight": 0.0, **options},
    )
