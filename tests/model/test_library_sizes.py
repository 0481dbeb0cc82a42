import numpy as np
import pytest

from gde.data import make_units
from gde.model.library_sizes import library_sizes

JOINT = make_units(modalities={"rna": {}, "prot": {}, "shape": {"likelihood": "normal"}})


def test_none_are_set():
    assert library_sizes(None, 3, JOINT) == {}


def test_one_number_or_one_for_each_unit():
    sizes = library_sizes({"rna": 100, "prot": [1, 2, 3]}, 3, JOINT)
    np.testing.assert_array_equal(sizes["rna"], [100, 100, 100])
    np.testing.assert_array_equal(sizes["prot"], [1, 2, 3])


@pytest.mark.parametrize(
    ("size", "units", "message"),
    [
        (100, JOINT, r"mapping from modalities with counts \(rna, prot\)"),
        ({"shape": 100}, JOINT, "mapping from modalities with counts"),
        ({"rna": -1}, JOINT, "'rna' must be positive"),
        ([1, 2], make_units(), "one for each of the 3 new units"),
        (np.nan, make_units(), "`library_size` must be positive"),
        (100, make_units(obsm_key="X_pca"), "is for counts; this model's units are continuous"),
    ],
)
def test_what_does_not_fit_is_refused(size, units, message):
    with pytest.raises(ValueError, match=message):
        library_sizes(size, 3, units)
