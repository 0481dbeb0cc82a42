"""What `import gde` leaves alone: the libraries of extras, and those that only some calls need."""

import subprocess
import sys

LAZY = ("diffusers", "geomloss", "matplotlib.pyplot", "ot", "scanpy", "torchvision", "transformers", "zuko")
CODE = f"""
import sys
import scvi
before = set(sys.modules)
import gde
print([name for name in {LAZY} if name in sys.modules and name not in before])
"""


def test_libraries_that_few_need_are_imported_where_they_are_used():
    printed = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[-1] == "[]"
