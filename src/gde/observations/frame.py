"""Location and scale of a set, predicted from its embedding."""

import torch
from torch import Tensor, nn

from gde.observations.normal import Normal


class Frame(nn.Module):
    r"""A normal distribution of the units of a set, whose mean and standard deviations are linear in z.

    It is :class:`Normal` with z in the place of a hidden layer, once per set, and fitted by that likelihood alone. Units that have been moved into the frame, :math:`(x - \mu)/\sigma`, carry no gradient to it: a
    generator's loss could be made small by a frame that is too wide.

    Parameters
    ----------
    n_latent
        Width of the embedding z.
    n_vars
        Width of a unit.

    Examples
    --------
    >>> import torch
    >>> from gde.observations import Frame
    >>> frame, z, sets = Frame(n_latent=3, n_vars=2), torch.randn(1, 3), torch.tensor([0, 0])
    >>> x = torch.randn(2, 2)
    >>> torch.allclose(frame.leave(frame.enter(x, z, sets), z, sets), x, atol=1e-5)
    True
    """

    def __init__(self, n_latent: int, n_vars: int):
        super().__init__()
        self.normal = Normal(n_latent, n_vars)

    def log_prob(self, x: Tensor, z: Tensor, set_of_unit: Tensor) -> Tensor:
        """Log density of each unit, shape (n_units,)."""
        return self.normal.log_density(x, *self._of_units(z, set_of_unit))

    @torch.no_grad()
    def enter(self, x: Tensor, z: Tensor, set_of_unit: Tensor) -> Tensor:
        """Units relative to the frame of their set, shape (n_units, n_vars)."""
        mean, log_sd = self._of_units(z, set_of_unit)
        return (x - mean) * torch.exp(-log_sd)

    def leave(self, vectors: Tensor, z: Tensor, set_of_unit: Tensor) -> Tensor:
        """The inverse of :meth:`enter`."""
        mean, log_sd = self._of_units(z, set_of_unit)
        return mean + torch.exp(log_sd) * vectors

    def _of_units(self, z: Tensor, set_of_unit: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log standard deviation of the set of each unit."""
        mean, log_sd = self.normal.mean_and_log_sd(z)
        return mean.index_select(0, set_of_unit), log_sd.index_select(0, set_of_unit)
