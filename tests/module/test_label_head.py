import pytest
import torch

from gde.module import LabelHead


@pytest.fixture
def head():
    torch.manual_seed(0)
    return LabelHead(3, 3)


def test_loss_is_the_weighted_cross_entropy_with_each_class_counting_the_same(head):
    head.calibrate(torch.tensor([0.0, 0, 0, 1, 2, 2]))
    torch.testing.assert_close(head.class_weight, torch.tensor([6 / 9, 2, 1]))
    z, labels = torch.randn(4, 3), torch.tensor([0.0, 1, 2, 2])
    expected = torch.nn.functional.cross_entropy(head.linear(z), labels.long(), head.class_weight, reduction="none")
    torch.testing.assert_close(head.loss(z, head.targets(labels)), expected)


def test_a_number_is_learnt_on_its_own_scale():
    head = LabelHead(1)
    head.calibrate(torch.tensor([40.0, 60.0]))
    with torch.no_grad():
        head.linear.weight.fill_(1.0)
        head.linear.bias.zero_()
    z = torch.tensor([[0.0], [2.0]])
    assert head(z).flatten().tolist() == [50, 70]
    assert head.loss(z, head.targets(torch.tensor([50.0, 60.0]))).tolist() == [0, 0.5]


def test_what_has_no_label_has_no_target(head):
    assert head.targets(torch.tensor([1.0, torch.nan])).isnan().tolist() == [[False] * 3, [True] * 3]
    assert LabelHead(2).targets(torch.tensor([torch.nan])).isnan().all()


def test_temperature_undoes_overconfidence_but_not_on_the_word_of_few():
    head = LabelHead(1, 2)
    with torch.no_grad():
        head.linear.weight.copy_(torch.tensor([[-10.0], [10.0]]))
        head.linear.bias.zero_()
    rng = torch.Generator().manual_seed(0)
    z = torch.rand(3000, 1, generator=rng) * 2 - 1
    labels = (torch.rand(3000, generator=rng) < torch.sigmoid(4 * z[:, 0])).float()  # logits are 5 times too large
    head.fit_temperature(z, labels)
    assert head.temperature.item() == pytest.approx(5, rel=0.1)
    head.temperature.fill_(1.0)
    head.fit_temperature(z[:2], labels[:2])
    assert 0.5 < head.temperature.item() < 2.5


def test_without_labels_or_for_numbers_nothing_is_calibrated(head):
    head.calibrate(torch.zeros(0))
    assert head.class_weight.tolist() == [1, 1, 1]
    number = LabelHead(3)
    number.fit_temperature(torch.zeros(2, 3), torch.zeros(2))
    assert number.temperature == 1
