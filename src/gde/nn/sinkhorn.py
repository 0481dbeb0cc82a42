"""Transport between sets with an entropic blur."""

import torch
from torch import Tensor

BLUR = 0.1  # for units of unit scale in one dimension
SCALING = 0.3  # of the blur from one iteration to the next


def sinkhorn(x: Tensor, x_weight: Tensor, y: Tensor, y_weight: Tensor, *, debias: bool = True) -> Tensor:
    r"""Sinkhorn divergence of pairs of weighted sets: :math:`W_2^2` with an entropic blur.

    .. math:: S(x, y) = T(x, y) - \tfrac12 T(x, x) - \tfrac12 T(y, y), \qquad
              T(x, y) = \min_\pi E_\pi \lVert x_i - y_j \rVert^2 + 2 \sigma^2 KL(\pi \,\|\, w_x \otimes w_y)

    Feydy et al. 2019, arXiv 1810.08278, by geomloss (the symmetric loop on dense cost matrices). The blur is :math:`\sigma = \sqrt d / 10`, for units
    of unit scale in d dimensions. Five iterations bring the value near its minimum. The gradient is that of the minimum by the envelope theorem,
    :math:`\partial T / \partial x_i = 2 \sum_j \pi_{ij} (x_i - y_j)`, with the plan of the last iteration, and the iterations are not differentiated: with
    more of them value and gradient agree; with five, finite differences of the value have another size than the gradient.

    Parameters
    ----------
    x, y
        Units of the sets of a pair, shapes (n_pairs, n, d) and (n_pairs, m, d).
    x_weight, y_weight
        Weights that sum to 1, shapes (n_pairs, n) and (n_pairs, m).
    debias
        False: T(x, y) alone, which takes half the time.

    Returns
    -------
    Shape (n_pairs,).

    Examples
    --------
    >>> import torch
    >>> from gde.nn import sinkhorn
    >>> x, weight = torch.randn(1, 4, 2), torch.full((1, 4), 0.25)
    >>> sinkhorn(x, weight, x, weight).abs().item() < 1e-5
    True
    """
    from geomloss import SamplesLoss  # `import gde` should not wait for it

    scale = x.shape[2] ** 0.5
    # A diameter that is given, not taken from the data, keeps the pairs of a batch from changing each other's iterations.
    settings = {"blur": BLUR * scale, "diameter": 2 * scale, "scaling": SCALING, "backend": "tensorized"}
    loss = SamplesLoss("sinkhorn", debias=debias, **settings)
    with torch.set_grad_enabled(torch.is_grad_enabled()):  # geomloss leaves gradients switched on
        return 2 * loss(x_weight, x, y_weight, y)
