import pytest

from gde.encoders import FixedEncoder


def test_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        FixedEncoder(2, [3])
