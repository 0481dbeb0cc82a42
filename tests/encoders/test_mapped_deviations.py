import torch

from gde.encoders.mapped_deviations import mapped_deviations


def test_each_unit_goes_through_the_matrix_of_its_own_set():
    values, sets = torch.randn(7, 3), torch.tensor([4, 0, 4, 1, 0, 4, 1])
    mean, matrix = torch.randn(5, 3), torch.randn(5, 2, 3)
    expected = torch.stack([matrix[s] @ (value - mean[s]) for value, s in zip(values, sets, strict=True)])
    torch.testing.assert_close(mapped_deviations(values, sets, mean, matrix), expected)


def test_no_units():
    assert mapped_deviations(
        torch.zeros(0, 3), torch.zeros(0, dtype=torch.long), torch.zeros(1, 3), torch.zeros(1, 2, 3)
    ).shape == (0, 2)
