import torch

from gde.nn import Context, Covariates, CovariateSizes


def test_it_equals_a_linear_map_of_the_embedding_and_one_hot_codes_of_each_unit():
    torch.manual_seed(0)
    context = Context(4, CovariateSizes(n_categories=(2,), n_continuous=1), n_out=3)
    for parameter in context.covariate_effect.parameters():
        torch.nn.init.normal_(parameter)  # effects start at zero
    z, set_of_unit = torch.randn(2, 4), torch.tensor([0, 1, 1])
    codes, values = torch.tensor([[0], [1], [0]]), torch.randn(3, 1)
    weight = torch.cat(
        [
            context.embedding.weight,
            context.covariate_effect.categorical[0].weight.T,
            context.covariate_effect.continuous.weight,
        ],
        dim=1,
    )
    inputs = torch.cat([z[set_of_unit], torch.eye(2)[codes[:, 0]], values], dim=1)
    torch.testing.assert_close(context(z, set_of_unit, Covariates(codes, values)), inputs @ weight.T)
