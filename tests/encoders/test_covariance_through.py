import torch

from gde.encoders import covariance_of_mean
from gde.encoders.covariance_through import covariance_through


def test_is_the_covariance_between_two_copies_of_the_matrix():
    half = torch.randn(2, 3, 3, dtype=torch.float64)
    moments = {
        "weight": torch.tensor([5.0, 7.0], dtype=torch.float64),
        "squared_weight": torch.tensor([4.0, 6.0], dtype=torch.float64),
        "mean": torch.randn(2, 3, dtype=torch.float64),
        "squared_mean": torch.randn(2, 3, dtype=torch.float64),
        "scatter": half @ half.mT,
    }
    matrix = torch.randn(2, 4, 3, dtype=torch.float64)
    torch.testing.assert_close(covariance_through(moments, matrix), matrix @ covariance_of_mean(**moments) @ matrix.mT)
