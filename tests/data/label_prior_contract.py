"""What every label prior must do; a test class for one kind inherits it."""

import numpy as np
import pytest

from gde.data import LabelPrior


class LabelPriorContract:
    """A label is a weighted empirical measure, and sets, members and numbers are of that measure."""

    def make(self, rows: np.ndarray | None = None) -> LabelPrior:
        """A prior of a few labels over at least 60 rows, of which those in ``rows`` are considered."""
        raise NotImplementedError

    @pytest.fixture(params=[None, np.arange(1, 60, 2)], ids=["all", "some"])
    def prior(self, request):
        return self.make(request.param)

    def test_labels_have_units_and_names(self, prior):
        assert len(prior) == len(prior.codes) > 1
        assert (np.diff(prior.codes) > 0).all() and prior.codes[-1] < len(prior.names)
        assert (prior.sizes > 0).all()

    def test_numbers_are_those_of_the_measures(self, prior):
        rows = set()
        for position, code in enumerate(prior.codes.tolist()):
            of_label, weight = prior.measure(code)
            assert len(set(of_label.tolist())) == len(of_label) == len(weight) == prior.n_units[position]
            assert (weight > 0).all()
            assert prior.n_effective[position] == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
            rows |= set(of_label.tolist())
        assert prior.rows.tolist() == sorted(rows)

    def test_members_are_those_of_the_measures(self, prior):
        rows = np.random.default_rng(0).permutation(prior.rows)
        position, label, weight = prior.members(rows)
        for number, code in enumerate(prior.codes.tolist()):
            expected = dict(zip(*(values.tolist() for values in prior.measure(code)), strict=True))
            mine = label == number
            assert dict(zip(rows[position[mine]].tolist(), weight[mine].tolist(), strict=True)) == expected

    @pytest.mark.parametrize("n", [1, 3, 500])
    def test_a_draw_has_distinct_units_of_the_label(self, prior, n):
        for code in prior.codes.tolist():
            rows, times = prior.draw(code, n, np.random.default_rng(n))
            assert 0 < len(rows) == len(times) <= n and len(set(rows.tolist())) == len(rows)
            assert np.isin(rows, prior.measure(code)[0]).all() and (times >= 1).all()

    def test_expected_draws_are_proportional_to_the_weights(self, prior):
        code, rng = prior.codes[1], np.random.default_rng(0)
        rows, weight = prior.measure(code)
        total = np.zeros(max(rows) + 1)
        for _ in range(3000):
            drawn, times = prior.draw(code, 3, rng)
            total[drawn] += times
        np.testing.assert_allclose(total[rows] / total.sum(), weight / weight.sum(), atol=0.02)

    def test_the_generator_decides_the_draw(self, prior):
        first, second = (prior.draw(prior.codes[0], 4, np.random.default_rng(7)) for _ in range(2))
        np.testing.assert_array_equal(first, second)
