"""From an embedding to the class or the number of its group."""

import math

import torch
from torch import Tensor, nn

MAX_LOG_TEMPERATURE, N_TEMPERATURES = math.log(10), 201
PRIOR_SD = 0.5  # of the log temperature: ten held-out groups outweigh it, two do not


class LabelHead(nn.Module):
    r"""A linear map of z with the loss of a logistic or a linear regression.

    .. math::
        p(c \mid z) = \mathrm{softmax}_c\big((A z + b) / T\big), \qquad
        L = -\sum_c w_c\, t_c \log p(c \mid z), \qquad w_c = n / (C\, n_c),

    for classes, with the shares :math:`t_c` of the units of a set that are of groups of class c: a mixture of labelled groups has a soft label (after
    mixup, Zhang et al. 2018, arXiv 1710.09412), a set with units of unlabelled groups none. The weights, from the number :math:`n_c` of labelled groups
    of each class, make all classes count the same, so probabilities are those in a population where classes are equally frequent. For a number y,
    :math:`L = (A z + b - (y - m) / s)^2 / 2` with mean m and standard deviation s of the labelled groups.

    The temperature T = 1 in training; :meth:`fit_temperature` sets it afterwards by groups whose labels were held out (Guo et al. 2017, arXiv 1706.04599).

    Parameters
    ----------
    n_latent
        Width of the embedding.
    n_classes
        Number of classes; 0 for a number.

    Examples
    --------
    >>> import torch
    >>> from gde.module import LabelHead
    >>> LabelHead(n_latent=3, n_classes=2)(torch.zeros(4, 3)).sum(1).round().tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    class_weight: Tensor
    mean: Tensor
    sd: Tensor
    temperature: Tensor

    def __init__(self, n_latent: int, n_classes: int = 0):
        super().__init__()
        self.n_classes = n_classes
        self.linear = nn.Linear(n_latent, n_classes or 1)
        self.register_buffer("class_weight", torch.ones(n_classes))
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("sd", torch.ones(()))
        self.register_buffer("temperature", torch.ones(()))

    @torch.no_grad()
    def calibrate(self, labels: Tensor) -> None:
        """Set weights, or mean and standard deviation, from the labels of the training groups, one for each, shape (n_groups,)."""
        if not len(labels):
            return
        if self.n_classes:
            n = torch.bincount(labels.long(), minlength=self.n_classes)
            self.class_weight.copy_(len(labels) / (self.n_classes * n.clamp_min(1)))
        else:
            self.mean.copy_(labels.mean())
            sd = labels.std(correction=0)
            self.sd.copy_(torch.where(sd > 0, sd, torch.ones_like(sd)))

    def targets(self, labels: Tensor) -> Tensor:
        """What can be averaged over units: indicators of the classes, or standardised numbers; NaN where there is no label, (n_units, n_out)."""
        if not self.n_classes:
            return ((labels - self.mean) / self.sd)[:, None]
        known = labels.isfinite()
        indicators = nn.functional.one_hot(torch.where(known, labels, 0).long(), self.n_classes).to(labels)
        return indicators.masked_fill(~known[:, None], torch.nan)

    def loss(self, z: Tensor, targets: Tensor) -> Tensor:
        """Loss of each set, shape (n_sets,), from its embedding and its mean target."""
        found = self.linear(z)
        if not self.n_classes:
            return 0.5 * (found - targets).square().squeeze(1)
        return -(self.class_weight * targets * torch.log_softmax(found / self.temperature, dim=1)).sum(1)

    def forward(self, z: Tensor) -> Tensor:
        """Probabilities of the classes, shape (n_sets, n_classes), or the number, (n_sets, 1)."""
        found = self.linear(z)
        return torch.softmax(found / self.temperature, dim=1) if self.n_classes else found * self.sd + self.mean

    @torch.no_grad()
    def fit_temperature(self, z: Tensor, labels: Tensor) -> None:
        """Set T by the labels of groups that training did not see; a normal prior on log T keeps it near 1 where they are few."""
        if not self.n_classes:
            return
        grid = torch.linspace(-MAX_LOG_TEMPERATURE, MAX_LOG_TEMPERATURE, N_TEMPERATURES)
        costs = []
        for log_temperature in grid:
            self.temperature.fill_(log_temperature.exp())
            costs.append(
                self.loss(z, self.targets(labels)).sum().item() + 0.5 * (log_temperature.item() / PRIOR_SD) ** 2
            )
        self.temperature.fill_(grid[int(torch.tensor(costs).argmin())].exp())
