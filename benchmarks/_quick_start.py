"""README's first lines about a file of one's own, run as its reader would run them, and mended as errors say; a process of its own, which first_figure.py starts.

It imports nothing heavy by itself: imports are part of what is timed.
"""

import ast
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

README = Path(__file__).resolve().parents[1] / "README.md"
LAST_LINE = {"import": "import scanpy", "set_up": "gde.GDEModel(", "train": "model.train(", "figure": "sc.pl.umap("}
CURE = re.compile(r"`([^`]+)`\.$")  # an error ends with the line that mends it


def quick_start(names: dict[str, str]) -> dict[str, Any]:
    """Wall and CPU seconds of each phase up to the first figure, which is left beside the file, and the errors on the way.

    Parameters
    ----------
    names
        What the file at hand has in the place of README's names, and the file itself.
    """
    block = re.search(r"^## Your own data$.*?^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)[1]
    for old, new in names.items():
        block = block.replace(old, new)
    phases, errors, known, statements = {}, [], {}, iter(ast.parse(block).body)
    for phase, last in LAST_LINE.items():
        wall, cpu, line = time.perf_counter(), time.process_time(), ""
        while last not in line:
            line = ast.unparse(next(statements))
            errors += _run(line, known)
        phases[phase] = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    return {"phases": phases, "errors": errors, "n_groups": known["groups"].n_obs, "shape": known["adata"].shape}


def _run(line: str, known: dict[str, Any]) -> list[str]:
    """The messages of its errors; what each names as its cure is done before the line is tried again."""
    errors: list[str] = []
    while True:
        try:
            exec(line, known)
            return errors
        except (KeyError, ValueError) as error:
            cure = CURE.search(str(error))
            if cure is None or str(error) in errors:
                raise
            errors.append(str(error))
            exec(cure[1], known)


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    found = quick_start(told)
    import matplotlib.pyplot as plt

    plt.savefig(Path(told["cells.h5ad"]).with_suffix(".png"), bbox_inches="tight")
    print(json.dumps(found))
