import numpy as np
import pytest
import scipy.stats
import torch

from gde.nn import SetNoise
from gde.observations import LibrarySize


@pytest.fixture
def library_size():
    torch.manual_seed(0)
    module = LibrarySize(2, 3)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    module.calibrate(torch.exp(torch.tensor([5.0, 6.0, 7.0])))
    return module


def test_calibrate_takes_location_and_scale_of_the_logarithms(library_size):
    assert library_size.log_mean.item() == pytest.approx(6)
    assert library_size.log_sd.item() == pytest.approx(np.std([5, 6, 7]))


def test_equal_library_sizes_have_a_finite_density(library_size):
    library_size.calibrate(torch.full((4,), 100.0))
    assert torch.isfinite(library_size.log_prob(torch.full((1,), 100.0), torch.zeros(1, 2), torch.zeros(1, 3))).all()


def _density(library_size, vectors, z):
    """Standardised log library sizes, and their density given one latent vector and embedding."""
    grid = torch.linspace(-40, 40, 20_001)
    library = torch.exp(grid.double() * library_size.log_sd + library_size.log_mean)
    rows = [values.expand(len(grid), -1) for values in (vectors, z)]
    return grid.numpy(), library_size.log_prob(library, *rows).exp().detach().numpy()


@pytest.mark.parametrize("seed", range(3))
def test_density_integrates_to_one(library_size, seed):
    torch.manual_seed(seed)
    grid, density = _density(library_size, torch.randn(1, 2), torch.randn(1, 3))
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_sample_follows_the_density(library_size, seed):
    torch.manual_seed(seed)
    vectors, z, n = torch.randn(1, 2), torch.randn(1, 3), 4000
    with torch.no_grad():
        library = library_size.sample(vectors.expand(n, -1), z.expand(n, -1), SetNoise([seed], [n], "cpu"))
    standardised = (torch.log(library) - library_size.log_mean) / library_size.log_sd
    grid, density = _density(library_size, vectors, z)
    cdf = np.cumsum(density) * (grid[1] - grid[0])
    assert scipy.stats.kstest(standardised.numpy(), lambda x: np.interp(x, grid, cdf)).pvalue > 0.001


def test_learns_that_depth_depends_on_the_embedding(library_size):
    torch.manual_seed(0)
    z = torch.randn(500, 3)
    library = torch.exp(6 + z[:, 0] + 0.1 * torch.randn(500))
    library_size.calibrate(library)
    optimiser = torch.optim.Adam(library_size.parameters(), lr=1e-2)
    for _ in range(200):
        optimiser.zero_grad()
        (-library_size.log_prob(library, torch.zeros(500, 2), z).mean()).backward()
        optimiser.step()
    with torch.no_grad():
        sample = library_size.sample(torch.zeros(500, 2), z, SetNoise([0], [500], "cpu"))
    assert np.corrcoef(torch.log(sample), z[:, 0])[0, 1] > 0.9
    assert torch.log(sample).std().item() == pytest.approx(torch.log(library).std().item(), rel=0.1)
