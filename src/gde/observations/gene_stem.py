"""The gene-wide first layer that the set encoder and the unit encoder share."""

import torch
from torch import Tensor, nn

from gde.nn import SparseLinear, csr_rows, csr_sums


class GeneStem(nn.Module):
    r"""Linear layer on centred log-normalised counts, then LayerNorm and GELU; the counts stay sparse.

    .. math:: h = \mathrm{GELU}\big(\mathrm{LN}(W^\top (f - \bar f) + b)\big), \qquad f = \log(1 + x\, s / \ell),

    with the library size :math:`\ell` of the unit, the median library size s and the mean features :math:`\bar f` of the training units. The mean is
    subtracted after the sparse product. A gene that was not measured contributes zero *after* centring, that is, the training mean and not
    an absence, and the library size is scaled up by the share of counts that the measured genes made in training.

    Parameters
    ----------
    n_genes
        Number of genes.
    n_hidden
        Width of the output.
    """

    feature_mean: Tensor
    count_share: Tensor
    median_library: Tensor

    def __init__(self, n_genes: int, n_hidden: int):
        super().__init__()
        self.weight = nn.Parameter(nn.init.kaiming_uniform_(torch.empty(n_genes, n_hidden), a=5**0.5, mode="fan_out"))
        self.bias = nn.Parameter(torch.zeros(n_hidden))
        self.norm = nn.LayerNorm(n_hidden)
        self.register_buffer("feature_mean", torch.zeros(n_genes))
        self.register_buffer("count_share", torch.full((n_genes,), 1 / n_genes))
        self.register_buffer("median_library", torch.ones(()))

    def forward(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Features of each unit, shape (n_units, n_hidden); see :meth:`Observation.featurise`."""
        return nn.functional.gelu(self.norm(self.project(x, self.weight, observed) + self.bias))

    def project(self, x: Tensor, weight: Tensor, observed: Tensor | None = None) -> Tensor:
        """Centred log-normalised counts times ``weight`` (n_genes, n_out), shape (n_units, n_out)."""
        offset = self.feature_mean if observed is None else self.feature_mean * observed
        return SparseLinear.apply(self.log_normalise(x, observed), weight) - offset @ weight

    def log_normalise(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Log-normalised counts in CSR layout, like ``x``."""
        share = 1.0 if observed is None else (self.count_share * observed).sum()
        rows = csr_rows(x)
        scale = share * self.median_library / csr_sums(x).clamp_min(1)
        return torch.sparse_csr_tensor(
            x.crow_indices(), x.col_indices(), torch.log1p(x.values() * scale.index_select(0, rows)), x.shape
        )
