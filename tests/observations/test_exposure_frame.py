import torch

from gde.nn import Covariates, CovariateSizes
from gde.observations import ExposureFrame

SETS = torch.tensor([0, 0, 1])


def _covariates(*codes):
    return Covariates(torch.tensor([[code] for code in codes]), torch.zeros(len(codes), 0))


def _make():
    torch.manual_seed(0)
    return ExposureFrame(3, CovariateSizes(n_categories=(2,)), 4), torch.randn(2, 3), torch.randn(3, 4)


def test_leave_is_the_inverse_of_enter_and_log_prob_the_density_of_what_enter_makes_standard():
    frame, z, exposure = _make()
    context = frame.read(z, SETS, _covariates(0, 0, 0))
    relative = frame.enter(exposure, context)
    torch.testing.assert_close(frame.leave(relative, context), exposure)
    log_sd = context[:, 4:]
    expected = torch.distributions.Normal(0, 1).log_prob(relative).sum(1) - log_sd.sum(1)
    torch.testing.assert_close(frame.log_prob(exposure, context), expected)


def test_learns_the_exposure_of_sets_and_what_a_batch_adds():
    frame, z, _ = _make()
    sets, batches = torch.arange(2).repeat_interleave(400), torch.arange(800) % 2
    covariates = _covariates(*batches.tolist())
    exposure = torch.randn(800, 4) * 0.3 + 2.0 * sets[:, None] + batches[:, None]
    optimiser = torch.optim.Adam(frame.parameters(), 0.1)
    for _ in range(150):
        optimiser.zero_grad()
        (-frame.log_prob(exposure, frame.read(z, sets, covariates)).mean()).backward()
        optimiser.step()
    relative = frame.enter(exposure, frame.read(z, sets, covariates))
    for is_own in (sets == 0, sets == 1, batches == 0, batches == 1):
        torch.testing.assert_close(relative[is_own].mean(0), torch.zeros(4), atol=0.2, rtol=0)
        torch.testing.assert_close(relative[is_own].std(0), torch.ones(4), atol=0.2, rtol=0)


def test_what_has_entered_carries_no_gradient_to_the_frame():
    frame, z, exposure = _make()
    assert not frame.enter(exposure, frame.read(z, SETS, _covariates(0, 1, 0))).requires_grad
