"""Exposure of the images of a set, predicted from its embedding."""

import torch
from torch import Tensor, nn

from gde.nn import Context, Covariates, CovariateSizes
from gde.observations.normal import Normal


class ExposureFrame(nn.Module):
    r"""A normal distribution of the exposures of a set, whose mean and standard deviations are linear in z and in the covariates.

    As in :class:`Frame`, exposures that have been moved into the frame, :math:`(e - \mu)/\sigma`, are near standard normal whatever z, and carry no gradient to it.

    Parameters
    ----------
    n_latent
        Width of the embedding z.
    covariates
        Which covariates there are.
    n_exposure
        Width of an exposure.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import Covariates, CovariateSizes
    >>> from gde.observations import ExposureFrame
    >>> frame, exposure = ExposureFrame(3, CovariateSizes(), 2), torch.randn(4, 2)
    >>> context = frame.read(
    ...     torch.randn(1, 3), torch.zeros(4, dtype=torch.long), Covariates(torch.zeros(4, 0), torch.zeros(4, 0))
    ... )
    >>> torch.allclose(frame.leave(frame.enter(exposure, context), context), exposure, atol=1e-5)
    True
    """

    def __init__(self, n_latent: int, covariates: CovariateSizes, n_exposure: int):
        super().__init__()
        self.context = Context(n_latent, covariates, 2 * n_exposure)
        self.bias = nn.Parameter(torch.zeros(2 * n_exposure))

    def read(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates) -> Tensor:
        """Mean and log standard deviation side by side, shape (n_units, 2 × n_exposure)."""
        return self.bias + self.context(z, set_of_unit, covariates)

    def log_prob(self, exposure: Tensor, context: Tensor) -> Tensor:
        """Log density of each unit's exposure, shape (n_units,)."""
        return Normal.log_density(exposure, *self._split(context))

    @torch.no_grad()
    def enter(self, exposure: Tensor, context: Tensor) -> Tensor:
        """Exposures relative to the frame of their set, shape (n_units, n_exposure)."""
        mean, log_sd = self._split(context)
        return (exposure - mean) * torch.exp(-log_sd)

    def leave(self, relative: Tensor, context: Tensor) -> Tensor:
        """The inverse of :meth:`enter`."""
        mean, log_sd = self._split(context)
        return mean + torch.exp(log_sd) * relative

    @staticmethod
    def _split(context: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_sd = context.chunk(2, dim=1)
        return mean, log_sd.clamp(-5, 3)
