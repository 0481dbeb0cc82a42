"""Arguments as a file can hold them."""

import json
from collections.abc import Mapping
from typing import Any


def describe_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as they are where JSON can hold them; arrays as lists, and other objects by the name of their class.

    Examples
    --------
    >>> from gde.encoders import DeepSets
    >>> from gde.model.describe_arguments import describe_arguments
    >>> describe_arguments({"n_latent": 8, "encoder": DeepSets(4, 8)})
    {'n_latent': 8, 'encoder': 'DeepSets'}
    """
    return json.loads(json.dumps(dict(arguments), default=_plain, skipkeys=True))


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else type(value).__name__
