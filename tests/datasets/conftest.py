import os
from collections.abc import Callable
from pathlib import Path

import pytest


def _file(variable: str, name: str) -> Path:
    folder = os.environ.get(variable)
    if not folder or not (path := Path(folder).expanduser() / name).is_file():
        pytest.skip(f"needs {name} in the folder named by ${variable}")
    return path


@pytest.fixture
def original() -> Callable[[str], Path]:
    """The path of a file of $GDE_DATA_DIR; skips the test where it is not there, so that no test downloads."""
    return lambda name: _file("GDE_DATA_DIR", name)


@pytest.fixture
def prepared() -> Callable[[str], Path]:
    """The path of a file of $GDE_TEST_DATA; skips the test where it is not there."""
    return lambda name: _file("GDE_TEST_DATA", name)
