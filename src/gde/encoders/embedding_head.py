"""The end of an encoder that is trained."""

from torch import nn

from gde.nn import IntoBall


def embedding_head(*layers: nn.Module, noise_sd: float) -> nn.Sequential:
    """Layers that end in :class:`gde.nn.IntoBall` if training adds noise to z, and only then.

    The ball gives the noise a fixed size beside z: larger weights could make it harmless otherwise. Without noise it would only take the length
    from z, which some tasks need (where a set lies, how far two sets are apart).

    Parameters
    ----------
    *layers
        What comes before. Names of parameters do not depend on the noise.
    noise_sd
        Standard deviation of the noise that training adds to z.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import embedding_head
    >>> z = torch.tensor([[30.0, 40.0]])
    >>> [embedding_head(noise_sd=sd)(z).norm().item() for sd in (0.0, 0.5)]
    [50.0, 1.414...]
    """
    return nn.Sequential(*layers, IntoBall()) if noise_sd else nn.Sequential(*layers)
