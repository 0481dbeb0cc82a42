import torch

from gde.nn import CausalBlock


def _block() -> CausalBlock:
    torch.manual_seed(0)
    return CausalBlock(8, n_heads=2).eval()


def test_a_place_depends_on_earlier_places_only():
    block, x, added = _block(), torch.randn(2, 5, 8), torch.randn(2, 8)
    y, _ = block(x, added)
    x[:, 3, 0] += 1
    changed, _ = block(x, added)
    torch.testing.assert_close(changed[:, :3], y[:, :3])
    assert (changed[:, 3:] != y[:, 3:]).any(2).all()


def test_step_by_step_with_the_cache_is_the_same():
    block, x, added = _block(), torch.randn(2, 5, 8), torch.randn(2, 8)
    cache, places = None, []
    for place in range(5):
        y, cache = block(x[:, [place]], added, cache)
        places.append(y)
    torch.testing.assert_close(torch.cat(places, dim=1), block(x, added)[0])


def test_what_is_added_counts():
    block, x = _block(), torch.randn(2, 5, 8)
    assert (block(x, torch.ones(2, 8))[0] != block(x, torch.zeros(2, 8))[0]).any()
