"""The negative binomial's likelihood and its derivative in as few sweeps over units × genes as there are."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from gde.nn import csr_rows, csr_sums

N_TABLED = 16


class NegativeBinomialLogProb(torch.autograd.Function):
    r"""Log probability of sparse counts whose means are shares of a library size.

    With the shares :math:`s = \mathrm{softmax}(a)` of a unit, its library size :math:`\ell` and :math:`r = \ell s / \theta`, the log
    probability is the formula of :class:`NegativeBinomial`, and its derivatives are

    .. math:: \frac{\partial \log p}{\partial \log r_g} = g_g = \frac{x_g - \theta_g r_g}{1 + r_g}, \qquad
       \frac{\partial \log p}{\partial a} = g - s \sum_h g_h, \qquad
       \frac{\partial \log p}{\partial \log \ell} = \sum_h g_h, \qquad
       \frac{\partial \log p}{\partial \log \theta} = -g - \theta \log(1 + r) + \theta \sum_{j < x} \frac{1}{\theta + j}.

    Automatic differentiation of the same formula keeps a dozen matrices of units × genes; here there are two, and the logarithm of the
    softmax is never taken but at the stored counts. That halves the time of the likelihood, the dearest part of a training step.

    Call ``apply(logits, library, log_theta, x)`` with logits (n_units, n_genes), library sizes (n_units,), log inverse dispersions (n_genes,) and
    whole counts in CSR layout; it returns the log probability of each unit in nats, shape (n_units,).
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, library: Tensor, log_theta: Tensor, x: Tensor) -> Tensor:
        """Log probability of each unit, shape (n_units,)."""
        theta, rows, genes, counts = log_theta.exp(), csr_rows(x), x.col_indices(), x.values()
        highest = logits.amax(1)
        ratio = (logits - highest[:, None]).exp_()
        total = ratio.sum(1)
        ratio.mul_((library / total)[:, None]).div_(theta)
        log1p_ratio = torch.log1p(ratio)

        stored = rows * x.shape[1] + genes  # position of each stored count in a matrix of units × genes
        log_scale = library.log() - highest - total.log()
        log_ratio = _at(logits, stored) + _at(log_scale, rows) - _at(log_theta, genes)
        ratio_stored = log_ratio.exp()  # cheaper than to look all of it up
        log_coefficient, slope = _log_coefficient(counts, genes, theta)
        at_stored = counts * (log_ratio - torch.log1p(ratio_stored)) + log_coefficient
        ctx.save_for_backward(ratio, log1p_ratio, library, theta, rows, stored, counts / (1 + ratio_stored), slope)
        ctx.x = x
        return csr_sums(x, at_stored) - log1p_ratio @ theta

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, score: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:  # type: ignore[override]
        """Gradients of logits, library sizes and log inverse dispersions."""
        ratio, log1p_ratio, library, theta, rows, stored, at_stored, slope = ctx.saved_tensors
        genes = ctx.x.col_indices()
        weight = ratio + 1
        torch.div(ratio, weight, out=weight)  # r / (1 + r), so that g is at_stored - θ weight
        total = csr_sums(ctx.x, at_stored) - weight @ theta
        score_stored = _at(score, rows)

        grad_log_theta = theta * (score @ weight - score @ log1p_ratio)
        grad_log_theta.index_add_(0, genes, score_stored * (_at(theta, genes) * slope - at_stored))
        grad_logits = weight.addcmul_(ratio, (total / library)[:, None]).mul_(-score[:, None]).mul_(theta)
        grad_logits.view(-1).index_add_(0, stored, score_stored * at_stored)
        return grad_logits, score * total / library, grad_log_theta, None


def _log_coefficient(counts: Tensor, genes: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    r"""The negative binomial coefficient of each stored count, and its derivative with respect to the inverse dispersion.

    .. math:: \log\Gamma(x + \theta) - \log\Gamma(\theta) - \log\Gamma(x + 1) = \sum_{j < x} \log\frac{\theta + j}{1 + j}

    Nearly all counts are small: a table of the first sums costs a tenth of three special functions of each count, and only what
    large counts add to it is left to these.
    """
    steps = torch.arange(N_TABLED, dtype=theta.dtype, device=theta.device)[:, None]
    table = nn.functional.pad(torch.log((theta + steps) / (1 + steps)).cumsum(0), (0, 0, 1, 0))
    slopes = nn.functional.pad((1 / (theta + steps)).cumsum(0), (0, 0, 1, 0))
    position = counts.clamp(max=N_TABLED).long() * len(theta) + genes
    value, slope = _at(table, position), _at(slopes, position)

    large = (counts > N_TABLED).nonzero().squeeze(1)
    x, theta_there = counts[large], theta[genes[large]]
    value[large] += torch.lgamma(x + theta_there) - torch.lgamma(N_TABLED + theta_there)
    value[large] -= torch.lgamma(x + 1) - math.lgamma(N_TABLED + 1)
    slope[large] += torch.digamma(x + theta_there) - torch.digamma(N_TABLED + theta_there)
    return value, slope


def _at(values: Tensor, position: Tensor) -> Tensor:
    """Entries of a flattened tensor; several times faster than indexing by a tensor."""
    return values.reshape(-1).index_select(0, position)
