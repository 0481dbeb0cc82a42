"""Objects that know how they were made."""

import inspect
from typing import Any, Self


class Recorded:
    """A base class that records the arguments of its constructor, with the defaults that were in force.

    So an encoder or a generator that a user made can be written to a file as class and arguments, and be made again from them, without pickle.
    Subclasses do nothing for it. What is set on an object later is not recorded.

    Raises
    ------
    TypeError
        If the constructor takes ``*args``: say what they are by name.

    Examples
    --------
    >>> from gde.encoders import DeepSets
    >>> DeepSets(5, n_latent=2).arguments
    {'n_features': 5, 'n_latent': 2, 'n_hidden': 128, 'noise_sd': 0.5}
    """

    arguments: dict[str, Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:  # noqa: D102
        new = super().__new__(cls)
        signature = inspect.signature(cls.__init__)
        kinds = {parameter.kind: name for name, parameter in signature.parameters.items()}
        if inspect.Parameter.VAR_POSITIONAL in kinds:
            raise TypeError(f"The constructor of {cls.__name__} takes `*args`, which has no names: name its arguments.")
        bound = signature.bind_partial(new, *args, **kwargs)  # a copy is made without arguments, and then filled
        bound.apply_defaults()
        arguments = dict(list(bound.arguments.items())[1:])
        arguments |= arguments.pop(kinds.get(inspect.Parameter.VAR_KEYWORD, ""), {})
        vars(new)["arguments"] = arguments  # past `nn.Module`, which is not ready for attributes yet
        return new
