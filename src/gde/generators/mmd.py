"""Noise becomes vectors, trained by the maximum mean discrepancy."""

import torch
from torch import Tensor

from gde.generators.implicit_generator import ImplicitGenerator


class MMD(ImplicitGenerator):
    r"""An implicit generator trained by the maximum mean discrepancy with the kernel :math:`-\lVert x - y \rVert`.

    With that kernel, which has no bandwidth, it is the energy distance (Sejdinovic et al. 2013, arXiv 1207.6076; Székely & Rizzo 2013),

    .. math:: 2 E\lVert X - Y \rVert - E\lVert Y - Y' \rVert - E\lVert X - X' \rVert ,

    estimated without bias from the weighted units of a set; the last term, in which there is nothing to learn, is left out.
    The parameters are those of :class:`gde.generators.ImplicitGenerator`.

    Examples
    --------
    >>> import torch
    >>> from gde.generators import MMD
    >>> from gde.nn import Covariates, SetNoise
    >>> covariates = Covariates(torch.zeros(5, 0, dtype=torch.long), torch.zeros(5, 0))
    >>> noise = SetNoise(seeds=[0, 1], sizes=[3, 2], device="cpu")
    >>> MMD(n_vectors=2, n_latent=4).sample(torch.zeros(2, 4), torch.tensor([0, 0, 0, 1, 1]), covariates, noise).shape
    torch.Size([5, 2])
    """

    def distance(self, x: Tensor, y: Tensor, weight: Tensor, directions: Tensor) -> Tensor:
        """Mean Euclidean distance of a unit of x and one of y."""
        # The quick way through a matrix product is too coarse for units that are close.
        distance = torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
        return torch.einsum("sij,si,sj->s", distance, weight, weight)
