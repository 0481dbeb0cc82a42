"""A module for plain vectors."""

from typing import Any

from gde.model.build_module import ENCODERS, build_module
from gde.module import GDEModule
from gde.nn import CovariateSizes


def build_continuous(
    n_vars: int, encoder: str, generator: str, *, n_latent: int, n_hidden: int, **options: Any
) -> GDEModule:
    """Build from names. Sets come fresh without end, so no noise has to keep the encoder from learning them by heart."""
    return build_module(
        n_vars,
        "normal",
        CovariateSizes(),
        ENCODERS[encoder](n_vars, n_latent, n_hidden=n_hidden, noise_sd=0.0),
        generator,
        n_latent=n_latent,
        n_latent_unit=max(2, n_vars),
        n_hidden=n_hidden,
        kl_weight=None,
        **options,
    )
