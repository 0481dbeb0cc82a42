"""One behaviour for two versions of mudata."""

from contextlib import AbstractContextManager, nullcontext

import mudata


def no_pulling() -> AbstractContextManager[object]:
    """Within it, a MuData takes no columns from its modalities: as mudata 0.4 does, and 0.3 where it is told to, or it warns."""
    return mudata.set_options(pull_on_update=False) if hasattr(mudata, "set_options") else nullcontext()
