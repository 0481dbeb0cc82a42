import pytest

from gde.observations import Observation


def test_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Observation()
