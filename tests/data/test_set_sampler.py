import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gde.data import GroupRows, SetSampler

few = settings(max_examples=30)


def _groups(sizes):
    """Groups with the codes 3, 5, 7, … whose rows are interleaved."""
    codes = np.repeat(3 + 2 * np.arange(len(sizes)), sizes)
    return GroupRows(np.random.default_rng(0).permutation(codes))


def _same(a, b):
    fields = ("rows", "set_of_unit", "weight", "label", "seeds")
    return all(np.array_equal(getattr(a, field), getattr(b, field)) for field in fields)


group_sizes = st.lists(st.integers(1, 40), min_size=1, max_size=6)


@few
@given(group_sizes, st.integers(1, 20), st.integers(1, 100), st.integers(0, 9))
def test_sets_are_drawn_without_replacement_from_their_own_group(sizes, set_size, batch_size, seed):
    groups = _groups(sizes)
    sampler = SetSampler(groups, batch_size=batch_size, set_size=set_size, min_set_size=3, n_batches=3, seed=seed)
    for index in sampler:
        assert max(index.sizes) <= set_size
        for number, label in enumerate(index.label.tolist()):
            rows = index.rows[index.set_of_unit == number]
            assert len(set(rows.tolist())) == len(rows)
            assert np.isin(rows, groups[label]).all()
            np.testing.assert_allclose(index.weight[index.set_of_unit == number], 1 / len(rows), rtol=1e-6)


@few
@given(group_sizes, st.integers(1, 20), st.integers(0, 9))
def test_all_sets_of_a_batch_have_one_size_or_are_the_whole_of_a_smaller_group(sizes, set_size, seed):
    groups = _groups(sizes)
    for index in SetSampler(groups, batch_size=64, set_size=set_size, min_set_size=2, n_batches=3, seed=seed):
        of_group = [len(groups[label]) for label in index.label.tolist()]
        asked = max(index.sizes)
        assert list(index.sizes) == [min(asked, size) for size in of_group]


@few
@given(group_sizes, st.integers(2, 20), st.integers(2, 4), st.integers(0, 9))
def test_a_mixture_has_distinct_units_of_so_many_groups_at_most(sizes, set_size, n_mixed, seed):
    groups = _groups(sizes)
    code_of_row = np.concatenate([np.full(len(groups[code]), code) for code in groups.codes.tolist()])
    code_of_row = code_of_row[np.argsort(np.concatenate([groups[code] for code in groups.codes.tolist()]))]
    for index in SetSampler(
        groups, batch_size=64, set_size=set_size, n_batches=3, mixing=1.0, n_mixed=n_mixed, seed=seed
    ):
        assert max(index.sizes) <= set_size
        for number, label in enumerate(index.label.tolist()):
            rows = index.rows[index.set_of_unit == number]
            assert len(set(rows.tolist())) == len(rows)
            assert len({label, *code_of_row[rows].tolist()}) <= n_mixed


def test_the_share_of_mixtures_and_their_proportions_are_as_asked():
    groups = _groups([400, 400])
    shares = []
    for index in SetSampler(groups, batch_size=400, set_size=40, min_set_size=40, n_batches=200, mixing=0.5):
        is_of_label = [np.isin(index.rows[40 * i : 40 * (i + 1)], groups[code]) for i, code in enumerate(index.label)]
        shares += np.mean(is_of_label, axis=1).tolist()
        first_halves = np.mean([half[:20].mean() - half[20:].mean() for half in is_of_label])
        assert abs(first_halves) < 0.2, "halves of a set are alike"
    shares = np.array(shares)
    # Half of the sets are asked to mix, and half of these find another group to mix with.
    assert (shares < 1).mean() == pytest.approx(0.25, abs=0.03)
    assert shares[shares < 1].mean() == pytest.approx(0.5, abs=0.05)


def test_proportions_of_three_groups_are_those_of_a_dirichlet():
    groups = _groups([400] * 40)
    code_of_row = np.empty(16_000, int)
    for code in groups.codes.tolist():
        code_of_row[groups[code]] = code
    sampler = SetSampler(groups, batch_size=800, set_size=40, min_set_size=40, n_batches=100, mixing=1.0, n_mixed=3)
    sets = [rows for index in sampler for rows in index.rows.reshape(-1, 40)]
    counts = [np.unique(code_of_row[rows], return_counts=True)[1] for rows in sets]
    shares = np.sort([np.pad(n, (0, 3 - len(n))) / 40 for n in counts], axis=1)
    # The expected order statistics of Dirichlet(1, 1, 1); that a group is drawn twice (7 %) moves the first ones down a little.
    np.testing.assert_allclose(shares.mean(axis=0), np.array([1 / 3, 1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 1]) / 3, atol=0.03)


@pytest.mark.parametrize(
    ("options", "words"), [({"mixing": 1.5}, "between 0 and 1, got 1.5"), ({"n_mixed": 1}, "at least 2, got 1")]
)
def test_mixtures_that_make_no_sense_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        _sampler(**options)


def test_batches_have_the_size_asked_for():
    groups = _groups([50, 60, 70])
    for index in SetSampler(groups, batch_size=256, set_size=32, min_set_size=4, n_batches=20):
        assert 256 - 32 < len(index.rows) <= 256
        assert index.rows.dtype.kind == "i" and index.weight.dtype == np.float32


def test_set_sizes_are_mixed_between_smallest_and_largest():
    groups = _groups([50, 60])
    sizes = [max(index.sizes) for index in SetSampler(groups, set_size=40, min_set_size=5, n_batches=300)]
    assert min(sizes) == 5 and max(sizes) == 40
    assert np.median(sizes) == pytest.approx(np.sqrt(5 * 40), rel=0.2), "log-uniform"


def test_all_units_are_visited_equally():
    groups = _groups([10, 30])
    sampler = SetSampler(groups, group_prior="size", batch_size=40, set_size=8, min_set_size=8, n_batches=500)
    visits = np.bincount(np.concatenate([index.rows for index in sampler]), minlength=40)
    assert visits.min() > 0.7 * visits.mean() and visits.max() < 1.3 * visits.mean()


@pytest.mark.parametrize(
    ("prior", "expected"),
    [("uniform", [1, 1, 1]), ("size", [10, 20, 70]), ([0, 3, 1], [0, 3, 1]), ([0.2, 0, 0], [1, 0, 0])],
)
def test_groups_are_drawn_by_the_prior(prior, expected):
    sampler = SetSampler(
        _groups([10, 20, 70]), group_prior=prior, batch_size=80, set_size=8, min_set_size=8, n_batches=300
    )
    expected = np.array(expected) / np.sum(expected)
    total = np.zeros(3)
    for index in sampler:
        times = np.array([(index.label == code).sum() for code in (3, 5, 7)])
        assert (np.abs(times - 10 * expected) < 1).all(), "a group expected k times occurs ⌊k⌋ or ⌈k⌉ times"
        total += times
    np.testing.assert_allclose(total / total.sum(), expected, atol=0.01)


def test_a_group_drawn_twice_gives_fresh_units():
    index = next(iter(SetSampler(_groups([100]), batch_size=16, set_size=8, min_set_size=8, n_batches=1)))
    first, second = index.rows[:8], index.rows[8:]
    assert set(first) != set(second)
    assert index.label.tolist() == [3, 3]
    assert index.seeds[0] != index.seeds[1]


def _sampler(seed=0, **kwargs):
    return SetSampler(
        _groups([30, 20, 5]), **({"batch_size": 40, "set_size": 9, "n_batches": 4, "seed": seed} | kwargs)
    )


def test_a_batch_is_a_function_of_seed_epoch_and_position_alone():
    first, second = _sampler(), _sampler(n_batches=9)
    list(second)  # ambient state, or what was drawn before, plays no part
    np.random.seed(1)
    assert len(first) == len(list(first)) == 4
    assert all(_same(a, b) for a, b in zip(first, second, strict=False))
    second.set_epoch(2), first.set_epoch(1), first.set_epoch(2)
    assert all(_same(a, b) for a, b in zip(first, second, strict=False))


def test_batches_differ_by_seed_epoch_and_position():
    later = _sampler()
    later.set_epoch(1)
    batches = [index for sampler in (_sampler(), _sampler(seed=1), later) for index in sampler]
    seeds = [seed for index in batches for seed in index.seeds]
    assert len(set(seeds)) == len(seeds)
    assert len({index.rows.tobytes() for index in batches}) == len(batches)


@pytest.mark.parametrize("prior", [[1, 2], [1, -1, 3], [0, 0, 0], [1, np.nan, 1], "equal"])
def test_a_prior_that_is_none_is_refused(prior):
    with pytest.raises(ValueError, match=r"`group_prior` must be 'uniform', 'size' or 3 non-negative weights"):
        _sampler(group_prior=prior)


@pytest.mark.parametrize("prior", ["uniform", "size"])
def test_batches_of_small_groups_are_full_too(prior):
    groups = _groups([5] * 60 + [300])
    sizes = [sum(index.sizes) for index in SetSampler(groups, batch_size=1024, group_prior=prior, n_batches=20)]
    assert np.mean(sizes) == pytest.approx(1024, rel=0.1)


def test_a_small_group_weighs_its_share_of_a_mixture():
    groups = _groups([3, 400])
    small = []
    for index in SetSampler(groups, batch_size=2048, set_size=256, min_set_size=256, mixing=1.0, n_batches=60):
        is_small = np.isin(index.rows, groups[3])
        share = np.bincount(index.set_of_unit, index.weight * is_small)
        small.extend(share[(share > 0) & (share < 1)])
    assert len(small) > 200
    assert np.median(small) == pytest.approx(0.5, abs=0.1), "a share of Dirichlet(1, 1) is uniform"


def test_the_first_set_of_a_batch_has_a_stream_of_its_own():
    sampler = SetSampler(_groups([50]), batch_size=1, set_size=1, min_set_size=1, n_batches=1, seed=5)
    (index,) = sampler
    assert index.seeds[0] != np.random.SeedSequence((5, 0, 0)).generate_state(1, np.uint64)[0]


def test_training_that_goes_on_meets_the_next_epochs():
    groups = _groups([30, 30])
    first, later = (SetSampler(groups, n_batches=3, first_epoch=epoch) for epoch in (0, 2))
    first.set_epoch(2)
    assert all(_same(a, b) for a, b in zip(first, later, strict=True))
