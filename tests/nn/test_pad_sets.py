import torch

from gde.nn import pad_sets


def test_rows_keep_their_order_and_an_empty_set_has_zeros_of_equal_share():
    values, set_of_unit = torch.arange(1.0, 5.0)[:, None], torch.tensor([0, 2, 2, 2])
    rows, share = pad_sets(values, set_of_unit, torch.tensor([5.0, 1, 0, 3]), 3)
    assert rows.squeeze(2).tolist() == [[1, 0, 0], [0, 0, 0], [2, 3, 4]]
    torch.testing.assert_close(share, torch.tensor([[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [0.25, 0, 0.75]]))


def test_the_gradient_goes_back_to_the_rows():
    values = torch.randn(4, 2, requires_grad=True)
    rows, _ = pad_sets(values, torch.tensor([0, 1, 1, 1]), torch.ones(4), 2)
    (3 * rows).sum().backward()
    assert (values.grad == 3).all()
