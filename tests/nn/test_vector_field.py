import torch

from gde.nn import Covariates, CovariateSizes, VectorField


def test_output_depends_on_the_time_of_each_unit():
    field = VectorField(2, 4, CovariateSizes(), n_hidden=8, n_layers=1)
    covariates = Covariates(torch.zeros(2, 0, dtype=torch.long), torch.zeros(2, 0))
    context = field.context(torch.randn(1, 4), torch.tensor([0, 0]), covariates)
    vectors = torch.randn(2, 2)
    early, late = field(vectors, torch.tensor([0.1, 0.1]), context), field(vectors, torch.tensor([0.1, 0.9]), context)
    assert (early != late).any(1).tolist() == [False, True]


def test_one_time_for_all_units_is_that_time_of_each():
    field = VectorField(2, 4, CovariateSizes(), n_hidden=8, n_layers=1)
    covariates = Covariates(torch.zeros(3, 0, dtype=torch.long), torch.zeros(3, 0))
    context = field.context(torch.randn(1, 4), torch.zeros(3, dtype=torch.long), covariates)
    vectors, time = torch.randn(3, 2), torch.tensor([0.3])
    torch.testing.assert_close(field(vectors, time, context), field(vectors, time.expand(3), context))
