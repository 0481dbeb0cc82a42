import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.stats import combine_parts, composition_and_state, corrected_distances


def draw(seed, n_parts=4, n_latent=3):
    """Two random groups, each of which may lack parts."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.ones(n_parts), 2)
    for row in share:
        row[rng.choice(n_parts, rng.integers(n_parts), replace=False)] = 0
    share /= share.sum(1, keepdims=True)
    z = np.where(share[:, :, None] > 0, rng.normal(size=(2, n_parts, n_latent)), np.nan)
    return share, z


@given(st.integers(0, 10_000))
def test_the_two_sum_to_the_distance_whatever_is_missing(seed):
    share, z = draw(seed)
    parts = composition_and_state(share, z)
    mean, _ = combine_parts(share, np.array([10, 10]), z)
    assert parts.squared_distance == pytest.approx(np.square(mean[0] - mean[1]).sum(), abs=1e-12)
    assert parts.composition + parts.state == pytest.approx(parts.squared_distance, abs=1e-12)


@given(st.integers(0, 10_000))
def test_origin_and_order_of_the_groups_do_not_matter(seed):
    share, z = draw(seed)
    parts = composition_and_state(share, z)
    np.testing.assert_allclose(composition_and_state(share, z + 7), parts, atol=1e-9)
    np.testing.assert_allclose(composition_and_state(share[::-1], z[::-1]), parts, atol=1e-12)


@given(st.integers(0, 10_000))
def test_the_corrected_distance_is_that_of_the_groups_whose_covariance_has_composition_in_it(seed):
    share, z = draw(seed)
    rng = np.random.default_rng(seed + 1)
    roots = rng.normal(size=(2, 4, 3, 3))
    covariances = np.where(share[:, :, None, None] > 0, roots @ roots.swapaxes(2, 3), np.nan)
    n_units = np.array([9, 30])
    parts = composition_and_state(share, z, n_units, np.trace(covariances, axis1=2, axis2=3))
    mean, covariance = combine_parts(share, n_units, z, covariances)
    assert parts.squared_distance == pytest.approx(corrected_distances(mean, covariance)[0][0, 1], abs=1e-9)


def test_only_composition_or_only_state():
    z, moved = np.array([[0.0, 1.0], [3.0, -1.0]]), np.array([[0.0, 2.0], [4.0, 0.0]])
    same_cells = composition_and_state(np.array([[0.2, 0.8], [0.7, 0.3]]), np.stack([z, z]))
    assert same_cells.state == 0 < same_cells.composition
    same_shares = composition_and_state(np.array([[0.2, 0.8], [0.2, 0.8]]), np.stack([z, moved]))
    assert same_shares.composition == 0 < same_shares.state


def test_a_part_that_one_group_lacks_is_composition():
    z = np.array([[[0.0], [5.0]], [[0.0], [np.nan]]])
    assert composition_and_state(np.array([[0.5, 0.5], [1.0, 0.0]]), z) == (6.25, 6.25, 0.0)


def test_noise_is_taken_from_the_part_that_it_is_in():
    """Many small samples of two groups that differ in both: without correction state is far too large."""
    rng = np.random.default_rng(3)
    share = np.array([[0.3, 0.5, 0.2], [0.5, 0.3, 0.2]])
    centre = np.array([[[0.0, 0.0], [2.0, 0.0], [0.0, 3.0]], [[0.3, 0.2], [2.0, 0.5], [0.4, 3.0]]])
    truth, drawn = composition_and_state(share, centre), []
    for _ in range(1500):
        counts = np.stack([rng.multinomial(60, p) for p in share])
        z = centre + rng.normal(size=centre.shape) / np.sqrt(counts)[:, :, None]
        plain = composition_and_state(counts / 60, z)
        drawn.append((*plain, *composition_and_state(counts / 60, z, counts.sum(1), 2 / counts)))
    mean, error = np.mean(drawn, axis=0), np.std(drawn, axis=0) / np.sqrt(1500)
    assert (np.abs(mean[3:] - truth) < 4 * error[3:] + 0.003).all()
    assert (mean[:3] - truth > 10 * error[:3])[[0, 2]].all()


def test_what_noise_of_the_embeddings_adds_is_taken_away_exactly_also_of_a_part_that_one_group_lacks():
    """Composition and state are quadratic in the embeddings, so that their second differences are what noise adds on average."""
    share, n_units = np.array([[0.3, 0.2, 0.5], [0.6, 0.4, 0.0]]), np.full(2, np.inf)  # compositions without noise
    rng = np.random.default_rng(4)
    z, variances = rng.normal(size=(2, 3, 1)), rng.uniform(1, 2, (2, 3))
    plain, added = np.array(composition_and_state(share, z)), np.zeros(3)
    for place in zip(*np.nonzero(share), strict=True):
        move = np.zeros_like(z)
        move[place] = np.sqrt(variances[place])
        added += sum(np.array(composition_and_state(share, z + sign * move)) - plain for sign in (1, -1)) / 2
    np.testing.assert_allclose(plain - composition_and_state(share, z, n_units, variances), added, atol=1e-12)


def test_noise_of_which_half_is_known_is_left_where_it_is():
    share, z = draw(0)
    plain = composition_and_state(share, z)
    assert composition_and_state(share, z, n_units=np.array([10, 10])) == plain
    assert composition_and_state(share, z, variances=np.ones((2, 4))) == plain
