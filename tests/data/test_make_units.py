import pytest

from gde.data import ImageUnits, MatrixUnits, make_units


@pytest.mark.parametrize(
    ("arguments", "kind", "observation", "likelihood", "has_genes"),
    [
        ({}, MatrixUnits, "counts", "nb", True),
        ({"layer": "counts", "likelihood": "zinb"}, MatrixUnits, "counts", "zinb", True),
        ({"likelihood": "normal"}, MatrixUnits, "continuous", "normal", True),
        ({"observation": "continuous"}, MatrixUnits, "continuous", "normal", True),
        ({"obsm_key": "X_pca", "group_key": "donor"}, MatrixUnits, "continuous", "normal", False),
        ({"obsm_key": "image", "observation": "image"}, ImageUnits, "image", "normal", False),
    ],
)
def test_the_arguments_say_the_kind(arguments, kind, observation, likelihood, has_genes):
    units = make_units(**arguments)
    assert isinstance(units, kind)
    assert (units.observation, units.likelihood, units.has_genes) == (observation, likelihood, has_genes)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"observation": "pictures"}, "`observation` must be one of 'counts', 'continuous', 'image'.*'pictures'"),
        ({"observation": "counts", "likelihood": "normal"}, "`observation='counts'` is not what.*'continuous'"),
        ({"observation": "image"}, "`observation='image'` is not what.*'counts'"),
        ({"value_range": (0, 1)}, "`value_range` is for images.*leave it out"),
        ({"obsm_key": "X_pca", "layer": "counts"}, "`obsm_key` names continuous units: leave out `layer`"),
    ],
)
def test_arguments_that_contradict_each_other_are_refused_with_a_cure(arguments, words):
    with pytest.raises(ValueError, match=words):
        make_units(**arguments)
