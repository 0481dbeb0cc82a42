import torch

from gde.nn import CovariateEffect, Covariates, CovariateSizes

SIZES = CovariateSizes(n_categories=(3, 2), n_continuous=2)


def _covariates():
    return Covariates(torch.tensor([[0, 1], [2, 0], [2, 1]]), torch.tensor([[0.5, -1.0], [0.0, 2.0], [1.0, 1.0]]))


def test_starts_at_zero_so_that_nothing_is_assumed():
    assert (CovariateEffect(SIZES, 4)(_covariates()) == 0).all()


def test_equals_a_linear_map_of_one_hot_codes_and_values():
    effect, covariates = CovariateEffect(SIZES, 4), _covariates()
    for parameter in effect.parameters():
        torch.nn.init.normal_(parameter)
    one_hot = [torch.nn.functional.one_hot(covariates.categorical[:, j], n) for j, n in enumerate(SIZES.n_categories)]
    x = torch.cat([*one_hot, covariates.continuous], dim=1).float()
    weight = torch.cat([*(table.weight for table in effect.categorical), effect.continuous.weight.T])
    torch.testing.assert_close(effect(covariates), x @ weight)


def test_no_covariates_have_no_effect_and_no_parameters():
    effect = CovariateEffect(CovariateSizes(), 4)
    assert not list(effect.parameters())
    nothing = effect(Covariates(torch.zeros(3, 0, dtype=torch.long), torch.zeros(3, 0)))
    torch.testing.assert_close(nothing, torch.zeros(3, 4))
