"""The negative binomial's likelihood and its derivative in as few sweeps over units × genes as there are."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from gde.nn import csr_rows, csr_sums

N_TABLED = 16
N_ROWS = 256  # units at a time: with 2,000 genes a matrix of them is two megabytes, about what a core has for itself


class NegativeBinomialLogProb(torch.autograd.Function):
    r"""Log probability of sparse counts whose means are shares of a library size, from the layer before the shares.

    With the logits :math:`a = W h + b` of a unit, its shares :math:`s = \mathrm{softmax}(a)`, its library size :math:`\ell` and
    :math:`r = \ell s / \theta`, the log probability is the formula of :class:`NegativeBinomial`, and its derivatives are

    .. math:: \frac{\partial \log p}{\partial \log r_g} = g_g = \frac{x_g - \theta_g r_g}{1 + r_g}, \qquad
       \frac{\partial \log p}{\partial a} = g - s \sum_h g_h, \qquad
       \frac{\partial \log p}{\partial \log \ell} = \sum_h g_h, \qquad
       \frac{\partial \log p}{\partial \log \theta} = -g - \theta \log(1 + r) + \theta \sum_{j < x} \frac{1}{\theta + j}.

    Automatic differentiation of the same formula keeps a dozen matrices of units × genes and goes through memory for each. Here a few units at
    a time are taken from their logits to their derivatives, all within the cache, and two matrices are kept: the backward pass is three products. The
    logarithm of the softmax is never taken but at the stored counts.

    Call ``apply(hidden, weight, bias, library, log_theta, x)`` with the last hidden layer (n_units, n_hidden), weights (n_genes, n_hidden) and biases (n_genes,)
    of the logits, library sizes (n_units,), log inverse dispersions (n_genes,) and whole counts in CSR layout; it returns the log probability of
    each unit in nats, shape (n_units,).
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor, library: Tensor, log_theta: Tensor, x: Tensor
    ) -> Tensor:
        """Log probability of each unit, shape (n_units,)."""
        theta, rows, genes = log_theta.exp(), csr_rows(x), x.col_indices()
        by_logit, by_theta = hidden.new_empty(2, *x.shape).unbind()
        value, total = hidden.new_empty(2, len(hidden)).unbind()
        log_ratio = hidden.new_empty(len(genes))  # at the stored counts
        n_rows = N_ROWS if hidden.device.type == "cpu" else max(1, len(hidden))
        logits, buffer = hidden.new_empty(2, n_rows, x.shape[1]).unbind()
        bounds = x.crow_indices()[::n_rows].tolist() + [len(genes)]
        for number, start in enumerate(range(0, len(hidden), n_rows)):
            units, stored = slice(start, start + n_rows), slice(bounds[number], bounds[number + 1])
            unit = rows[stored] - start
            position = unit * x.shape[1] + genes[stored]
            part = torch.addmm(bias - log_theta, hidden[units], weight.T, out=logits[: len(hidden[units])])
            weight_of_zero = buffer[: len(part)]

            highest, at_stored = part.amax(1), _at(part, position)
            ratio = part.sub_(highest[:, None]).exp_()
            scale = library[units] / (ratio @ theta)
            ratio.mul_(scale[:, None])
            log_ratio[stored] = at_stored.add_(_at(scale.log() - highest, unit))
            kept = x.values()[stored] / (1 + at_stored.exp())

            log1p_ratio = torch.log1p(ratio, out=by_theta[units])
            value[units] = -(log1p_ratio @ theta)
            torch.add(ratio, 1, out=weight_of_zero)
            torch.div(ratio, weight_of_zero, out=weight_of_zero)  # r / (1 + r), so that g is `kept` - θ r / (1 + r)
            total[units] = (weight_of_zero @ theta).neg_().index_add_(0, unit, kept)
            torch.sub(weight_of_zero, log1p_ratio, out=log1p_ratio)
            share = (total[units] / library[units])[:, None]
            gradient = torch.addcmul(weight_of_zero, ratio, share, out=by_logit[units]).mul_(-theta)
            gradient.view(-1).index_add_(0, position, kept)

        ratio_stored = log_ratio.exp()
        log_coefficient, slope = _log_coefficient(x.values(), genes, theta)
        at_stored = x.values() * (log_ratio - torch.log1p(ratio_stored)) + log_coefficient
        slope = _at(theta, genes) * slope - x.values() / (1 + ratio_stored)
        ctx.save_for_backward(hidden, weight, library, theta, by_logit, by_theta, total, rows, genes, slope)
        return value + csr_sums(x, at_stored)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, score: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        """Gradients of hidden layer, weights, biases, library sizes and log inverse dispersions."""
        hidden, weight, library, theta, by_logit, by_theta, total, rows, genes, slope = ctx.saved_tensors
        scores = score[:, None]
        by_log_theta = (theta * (score @ by_theta)).index_add_(0, genes, _at(score, rows) * slope)
        return (
            (by_logit @ weight).mul_(scores),
            by_logit.T @ (scores * hidden),
            score @ by_logit,
            score * total / library,
            by_log_theta,
            None,
        )


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
