import sys

import pytest

from gde.nn import load_pretrained
from tests.pretrained import save_causal_lm

pytest.importorskip("transformers")


def test_without_transformers_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ImportError, match=r"gde-tools\[sequences\]"):
        load_pretrained("gpt2", "AutoModel")


def test_remote_code_is_not_run_unless_asked_for(tmp_path):
    save_causal_lm(tmp_path, "AC")
    (tmp_path / "config.json").write_text(
        '{"model_type": "own", "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}}'
    )
    (tmp_path / "own.py").write_text("raise RuntimeError('this code was run')")
    with pytest.raises((ValueError, OSError), match="trust_remote_code"):
        load_pretrained(str(tmp_path), "AutoModel")
