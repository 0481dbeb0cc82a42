import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.stats import GroupSummary

ARRAYS = ["n_units", "weight", "squared_weight", "mean", "squared_mean", "scatter"]


def _summarize(features, weight, groups, encoder="same"):
    names = sorted(set(groups))
    rows = {name: [] for name in ARRAYS}
    for name in names:
        x, w = features[groups == name], weight[groups == name]
        tilde = np.average(x, axis=0, weights=w**2)
        deviations = w[:, None] * (x - tilde)
        values = (len(x), w.sum(), (w**2).sum(), np.average(x, axis=0, weights=w), tilde, deviations.T @ deviations)
        for key, value in zip(ARRAYS, values, strict=True):
            rows[key].append(value)
    return GroupSummary(names, **{key: np.array(values) for key, values in rows.items()}, encoder=encoder)


def _data(seed=0, n=60):
    rng = np.random.default_rng(seed)
    return rng.normal(3, 1, (n, 4)), rng.uniform(0.1, 2, n), rng.choice(list("abcde"), n)


def _assert_same(actual, expected):
    order = [actual.names.index(name) for name in expected.names]
    assert sorted(actual.names) == sorted(expected.names)
    for key in ARRAYS:
        np.testing.assert_allclose(getattr(actual, key)[order], getattr(expected, key), rtol=1e-9, atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 60), min_size=1, max_size=4))
def test_merged_parts_are_the_summary_of_the_whole(seed, cuts):
    data = _data(seed)
    parts = [rows for rows in np.split(np.arange(60), sorted(cuts)) if len(rows)]
    first, *others = (_summarize(*(values[rows] for values in data)) for rows in parts)
    _assert_same(first.merge(*others), _summarize(*data))
    _assert_same(sum(others, start=first), _summarize(*data))


def test_groups_are_matched_by_name_and_new_ones_come_last():
    features, weight, groups = _data()
    a, b = (_summarize(features[keep], weight[keep], groups[keep]) for keep in (groups != "a", groups != "e"))
    both = a + b
    assert both.names == ["b", "c", "d", "e", "a"] and len(both) == 5
    np.testing.assert_allclose(both.mean[[3, 4]], [a.mean[3], b.mean[0]])
    assert both.n_units[0] == 2 * (groups == "b").sum()


def test_effective_number_is_kishs():
    weight = np.array([1.0, 1.0, 2.0])
    summary = _summarize(np.eye(3), weight, np.array(["a"] * 3))
    assert summary.n_effective == pytest.approx(16 / 6)


def test_a_file_gives_back_every_bit(tmp_path):
    summary = _summarize(*_data())
    summary.save(tmp_path / "site.summary")
    loaded = GroupSummary.load(tmp_path / "site.summary")
    assert (loaded.names, loaded.encoder) == (summary.names, summary.encoder)
    for key in ARRAYS:
        np.testing.assert_array_equal(getattr(loaded, key), getattr(summary, key))
    with np.load(tmp_path / "site.summary", allow_pickle=False) as file:
        assert all(file[key].dtype != object for key in file.files)


def test_another_file_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", mean=np.zeros(3))
    with pytest.raises(ValueError, match="not a summary of groups: it lacks encoder, n_units"):
        GroupSummary.load(tmp_path / "other.npz")


def test_summaries_of_different_encoders_do_not_mix():
    data = _data()
    with pytest.raises(ValueError, match=r"different weights.*same saved model"):
        _summarize(*data, encoder="one") + _summarize(*data, encoder="two")
    with pytest.raises(TypeError):
        _summarize(*data) + 1


@pytest.mark.parametrize(("key", "shape"), [("mean", (5, 3)), ("scatter", (5, 4)), ("weight", (4,))])
def test_shapes_that_do_not_fit_are_refused(key, shape):
    summary = _summarize(*_data())
    arrays = {name: getattr(summary, name) for name in ARRAYS} | {key: np.zeros(shape)}
    with pytest.raises(ValueError, match="does not fit 5 groups"):
        GroupSummary(summary.names, **arrays, encoder="same")


def test_a_name_may_come_once():
    summary = _summarize(*_data())
    arrays = {name: getattr(summary, name) for name in ARRAYS}
    with pytest.raises(ValueError, match="each group once"):
        GroupSummary(["a"] * 5, **arrays, encoder="same")


def test_objects_in_a_file_are_refused(tmp_path):
    np.savez(tmp_path / "summary.npz", **{name: np.array([{}], dtype=object) for name in [*ARRAYS, "names", "encoder"]})
    with pytest.raises(ValueError, match="allow_pickle=False"):
        GroupSummary.load(tmp_path / "summary.npz")


def test_a_summary_is_not_changed():
    summary = _summarize(*_data())
    with pytest.raises(AttributeError):
        summary.mean = None
