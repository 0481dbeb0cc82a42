"""Principal components of data that never have to be dense, or in memory at once."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

N_PASSES, N_EXTRA = 5, 10


@torch.enable_grad()
def principal_components(scores: Callable[[Tensor], Iterable[Tensor]], n_vars: int, n_components: int) -> Tensor:
    r"""Leading eigenvectors of the covariance C of centred data, by subspace iteration from a random start.

    .. math:: Q \leftarrow \mathrm{orth}(C Q), \qquad C Q = \nabla_Q\, \tfrac12 \lVert X Q \rVert^2,

    with a few columns more than are asked for (Halko, Martinsson & Tropp 2011, arXiv 0909.4061, algorithm 4.4). So the data are only ever
    asked for their product with a thin matrix.

    Parameters
    ----------
    scores
        Gives the product of the centred data with a basis, (n_vars, n), a chunk of rows at a time; called a few times.
    n_vars
        Number of variables.
    n_components
        Number of components, at most ``n_vars``.

    Returns
    -------
    Orthonormal columns in descending order of variance, shape (n_vars, n_components).

    Examples
    --------
    >>> import torch
    >>> from gde.observations import principal_components
    >>> x = torch.tensor([[3.0, 3.0], [-3.0, -3.0], [1.0, -1.0], [-1.0, 1.0]])
    >>> principal_components(lambda basis: [x @ basis], n_vars=2, n_components=1).abs()
    tensor([[0.7071],
            [0.7071]])
    """
    rng = torch.Generator().manual_seed(0)
    basis = torch.randn(n_vars, min(n_components + N_EXTRA, n_vars), generator=rng)
    for _ in range(N_PASSES):
        basis = torch.linalg.qr(basis).Q.requires_grad_()
        product = torch.zeros_like(basis)
        for part in scores(basis):
            product += torch.autograd.grad(0.5 * part.square().sum(), basis)[0]
        start, basis = basis.detach(), product
    # The covariance within the last subspace orders the components (Rayleigh & Ritz).
    within = start.T @ product
    return start @ torch.linalg.eigh((within + within.T) / 2).eigenvectors.flip(1)[:, :n_components]
