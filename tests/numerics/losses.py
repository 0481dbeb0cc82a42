"""Every generator of vectors, with inputs and draws whose precision can be chosen."""

import torch

from gde import generators
from gde.nn import SetNoise
from tests.generators.generator_contract import no_covariates, sets

SIZES = [5, 3]
SETS = sets(SIZES)
GENERATORS = {
    "cvae": lambda: generators.CVAE(2, 3),
    "diffusion": lambda: generators.Diffusion(2, 3, n_hidden=8, n_layers=1),
    "flow_matching": lambda: generators.FlowMatching(2, 3, n_hidden=8, n_layers=1),
    "normalizing_flow": lambda: generators.NormalizingFlow(2, 3),
    "mmd": lambda: generators.MMD(2, 3),
    "sinkhorn": lambda: generators.Sinkhorn(2, 3),
    "sliced_wasserstein": lambda: generators.SlicedWasserstein(2, 3),
    "wormhole": lambda: generators.Wormhole(2, 3),
}


class NoiseIn(SetNoise):
    """The same numbers in another precision."""

    def __init__(self, dtype):
        super().__init__([1, 2], SIZES, "cpu")
        self._dtype = dtype

    def _draw(self, draw):
        return super()._draw(draw).to(self._dtype)

    def normal_of_sets(self, n_columns):
        return super().normal_of_sets(n_columns).to(self._dtype)

    def uniform_of_sets(self, n_columns):
        return super().uniform_of_sets(n_columns).to(self._dtype)


def loss_of(generator, vectors, z, weight=None):
    weight = vectors.new_ones(len(vectors)) if weight is None else weight
    return generator.loss(vectors, z, SETS, weight, no_covariates(len(vectors)), NoiseIn(z.dtype))


def inputs(name):
    torch.manual_seed(0)
    generator = GENERATORS[name]().eval()
    for parameter in generator.parameters():  # some networks begin at zero, where nothing depends on z
        torch.nn.init.normal_(parameter, std=0.3)
    return generator, torch.randn(sum(SIZES), 2), torch.randn(len(SIZES), 3)
