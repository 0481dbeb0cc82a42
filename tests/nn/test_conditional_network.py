import torch

from gde.nn import ConditionalNetwork, Covariates, CovariateSizes


def test_output_depends_on_input_embedding_and_covariates_of_each_unit_alone():
    torch.manual_seed(0)
    network = ConditionalNetwork(3, 2, 4, CovariateSizes(n_categories=(2,)), n_hidden=8, n_layers=1)
    torch.nn.init.normal_(network.context.covariate_effect.categorical[0].weight)  # effects start at zero
    inputs, z, set_of_unit = torch.randn(3, 3), torch.randn(2, 4), torch.tensor([0, 0, 1])

    def run(inputs, z, codes):
        covariates = Covariates(torch.tensor(codes)[:, None], torch.zeros(3, 0))
        return network(inputs, network.context(z, set_of_unit, covariates))

    def changed(*arguments):
        return (run(*arguments) != run(inputs, z, [0, 0, 0])).any(1).tolist()

    assert run(inputs, z, [0, 0, 0]).shape == (3, 2)
    assert changed(inputs + torch.tensor([[1.0], [0], [0]]), z, [0, 0, 0]) == [True, False, False]
    assert changed(inputs, z + torch.tensor([[0.0], [1]]), [0, 0, 0]) == [False, False, True]
    assert changed(inputs, z, [0, 1, 0]) == [False, True, False]
