import numpy as np
import pytest
from scipy.stats import f as f_distribution
from scipy.stats import ttest_ind

from gde.stats import two_group_test


def _draw(rng, n_repeats, m, root):
    x = rng.normal(size=(n_repeats, m, len(root))) @ root.T
    rest = x - x.mean(1, keepdims=True)
    return x.mean(1), np.swapaxes(rest, 1, 2) @ rest / (m * (m - 1))


def _p_values(rng, p, n_a, n_b, scale, n_repeats=1500):
    roots = [np.tril(rng.normal(size=(p, p)), -1) / p + np.eye(p) for _ in range(2)]
    a, b = _draw(rng, n_repeats, n_a, roots[0]), _draw(rng, n_repeats, n_b, scale * roots[1])
    tests = [two_group_test(za, sa, n_a, zb, sb, n_b) for za, sa, zb, sb in zip(*a, *b, strict=True)]
    return {test.method for test in tests}, np.array([test.p_value for test in tests])


@pytest.mark.parametrize(
    ("p", "n_a", "n_b", "scale"), [(3, 20, 20, 1), (8, 50, 50, 3), (8, 50, 400, 1), (8, 50, 400, 3), (8, 400, 50, 3)]
)
def test_level_with_unequal_numbers_and_covariances(p, n_a, n_b, scale):
    methods, p_values = _p_values(np.random.default_rng(n_a + n_b + scale), p, n_a, n_b, scale)
    assert methods == {"hotelling"}
    assert (p_values < 0.05).mean() == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 1500) + 0.004)


def test_too_few_units_for_a_joint_test_are_tested_by_coordinates():
    methods, p_values = _p_values(np.random.default_rng(0), 8, 6, 500, 0.2)
    assert methods == {"marginal_t"}
    assert (p_values < 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1500)


def test_one_dimension_is_welchs_test():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=12), rng.normal(1, 3, size=30)
    welch = ttest_ind(x, y, equal_var=False)
    found = two_group_test([x.mean()], [[x.var(ddof=1) / 12]], 12, [y.mean()], [[y.var(ddof=1) / 30]], 30)
    assert found.p_value == pytest.approx(welch.pvalue) and found.statistic == pytest.approx(welch.statistic**2)
    assert (found.df_1, found.df_2) == (1, pytest.approx(welch.df))


def test_equal_covariances_and_sizes_have_the_pooled_degrees_of_freedom():
    sigma, p, n = np.diag([1.0, 2.0, 3.0]), 3, 25
    found = two_group_test(np.ones(p), sigma, n, np.zeros(p), sigma, n)
    t_squared = (1 / (2 * sigma.diagonal())).sum()
    df = 2 * n - 2
    assert found.df_2 == pytest.approx(df - p + 1)
    assert found.p_value == pytest.approx(f_distribution.sf(t_squared * (df - p + 1) / (df * p), p, df - p + 1))


def test_rotating_and_scaling_the_space_changes_nothing():
    rng = np.random.default_rng(2)
    turn = 7 * np.linalg.qr(rng.normal(size=(4, 4)))[0]
    (a, b), (sa, sb) = rng.normal(size=(2, 4)), (np.diag([1.0, 2, 3, 4]), np.eye(4))
    turned = two_group_test(turn @ a, turn @ sa @ turn.T, 30, turn @ b, turn @ sb @ turn.T, 60)
    assert turned[1:] == pytest.approx(two_group_test(a, sa, 30, b, sb, 60)[1:])


def test_embeddings_on_a_sphere_are_tested_in_its_tangent_directions():
    rng = np.random.default_rng(3)

    def embed(m):
        x = rng.normal([2, 0, 0], 1, size=(m, 3))
        mean = x.mean(0)
        z = mean / np.linalg.norm(mean)
        influence = (x - mean) @ (np.eye(3) - np.outer(z, z)) / np.linalg.norm(mean)
        return z, influence.T @ influence / (m * (m - 1)), m

    tests = [two_group_test(*embed(200), *embed(60)) for _ in range(1500)]
    assert {test.df_1 for test in tests} == {2}
    rejected = np.mean([test.p_value < 0.05 for test in tests])
    assert rejected == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 1500) + 0.003)


def test_nothing_is_said_with_a_single_unit():
    nothing = np.full((2, 2), np.nan)
    found = two_group_test(np.zeros(2), nothing, 1, np.ones(2), np.eye(2), 50)
    assert found.method == "too_few_units" and np.isnan(found.p_value)


def test_groups_without_spread_differ_for_certain_or_not_at_all():
    zero = np.zeros((2, 2))
    assert two_group_test([0, 0], zero, 9, [0, 1], zero, 9).p_value == 0
    assert two_group_test([0, 0], zero, 9, [0, 0], zero, 9).p_value == 1


def test_embeddings_of_two_models_are_refused():
    with pytest.raises(ValueError, match="one model"):
        two_group_test(np.zeros(2), np.eye(2), 9, np.zeros(3), np.eye(3), 9)


def test_where_coordinates_take_over_and_what_they_say():
    p = 3
    methods = {n: two_group_test(np.ones(p), np.eye(p), n, np.zeros(p), np.eye(p), 50).method for n in (4, 5)}
    assert methods == {p + 1: "marginal_t", p + 2: "hotelling"}
    found = two_group_test([3.0, 0.0], np.eye(2) / 2, 3, [0.0, 0.0], np.eye(2) / 2, 3)
    assert (found.df_1, found.df_2, found.statistic) == (1, pytest.approx(4), pytest.approx(9))
    assert found.p_value == pytest.approx(2 * f_distribution.sf(9, 1, 4))


def test_coordinates_have_welchs_degrees_of_freedom():
    variances = np.array([[0.5, 0.2, 0.1], [0.3, 0.4, 0.9]])
    found = two_group_test([9.0, 0, 0], np.diag(variances[0]), 3, [0.0, 0, 0], np.diag(variances[1]), 4)
    assert found.df_2 == pytest.approx(0.8**2 / (0.5**2 / 2 + 0.3**2 / 3))


def test_a_coordinate_that_is_the_same_counts_for_nothing():
    assert two_group_test([0.0, 0.0], np.zeros((2, 2)), 3, [0.0, 0.0], np.zeros((2, 2)), 3).statistic == 0
