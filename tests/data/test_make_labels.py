import pytest

from gde.data import ContinuousLabels, DiscreteLabels, NoisyLabels, make_labels

NOISY = {"group_kind": "noisy", "group_obsm_key": "clones", "group_obsm_kind": "posterior"}


def test_each_kind_from_its_arguments():
    assert isinstance(make_labels("donor", layer="counts"), DiscreteLabels)
    assert make_labels(["donor", "day"]).group_keys == ["donor", "day"]
    continuous = make_labels("age", "continuous", bandwidth=3)
    assert isinstance(continuous, ContinuousLabels) and (continuous.obs_keys, continuous.bandwidth) == (["age"], 3)
    noisy = make_labels(**NOISY)
    assert isinstance(noisy, NoisyLabels) and (noisy.obsm_keys, noisy.obsm_kind) == (["clones"], "posterior")
    assert noisy.group_keys == continuous.group_keys == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"group_key": "donor", "group_kind": "fuzzy"}, "`group_kind` must be one of 'discrete', 'continuous', 'noisy', got 'fuzzy'"),
        ({}, "`group_key` names no column"),
        ({"group_kind": "continuous"}, "`group_key` names no column"),
        ({"group_key": ["age", "bmi"], "group_kind": "continuous"}, "`group_key` must be one column"),
        ({"group_key": "donor", "bandwidth": 3}, "`bandwidth` is for `group_kind='continuous'`"),
        ({"group_key": "age", "group_kind": "continuous", "group_obsm_key": "p"}, "`group_obsm_key` is for `group_kind='noisy'`"),
        (NOISY | {"group_key": "donor"}, "`group_key` is not for `group_kind='noisy'`"),
        (NOISY | {"group_obsm_key": None}, "needs `group_obsm_key`"),
        (NOISY | {"group_obsm_kind": None}, "`group_obsm_kind` must be 'likelihood'.*got None"),
        (NOISY | {"group_obsm_kind": "logits"}, "`group_obsm_kind` must be 'likelihood'.*got 'logits'"),
        ({"group_key": "age", "group_kind": "continuous", "bandwidth": 0}, "`bandwidth` must be a positive number.*got 0"),
        ({"group_key": "age", "group_kind": "continuous", "bandwidth": float("nan")}, "`bandwidth` must be a positive"),
        ({"group_key": "age", "group_kind": "continuous", "bandwidth": "wide"}, "`bandwidth` must be a positive"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_together_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        make_labels(**arguments)
