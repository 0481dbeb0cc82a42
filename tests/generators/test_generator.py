import pytest

from gde.generators import Generator


def test_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Generator(2, 3)
