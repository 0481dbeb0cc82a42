import torch

from gde.nn import MLP


def test_layers_are_linear_with_gelu_between_and_none_after():
    network = MLP(3, 8, 8, 2)
    x = torch.randn(5, 3)
    first, second, last = (layer for layer in network if isinstance(layer, torch.nn.Linear))
    gelu = torch.nn.functional.gelu
    torch.testing.assert_close(network(x), last(gelu(second(gelu(first(x))))))


def test_without_hidden_layers_it_is_linear():
    network = MLP(3, 2)
    x, y = torch.randn(2, 3), torch.randn(2, 3)
    torch.testing.assert_close(network(x + y) + network(torch.zeros(2, 3)), network(x) + network(y))
