import json
import sys

import pytest

from gde.model.model_folder import ModelFolder
from gde.model.read_document import hash_content


def _write(path, weights=b"weights", prefix=None, **others):
    contents = {"weights.bin": weights} | {role.replace("_", "."): content for role, content in others.items()}
    writers = {role: lambda path, content=content: path.write_bytes(content) for role, content in contents.items()}
    ModelFolder(path, prefix).write({"format": 1, "versions": {"gde-tools": "0.1"}}, writers)


def _names(path):
    return sorted(file.name for file in path.iterdir())


def _forge(path, **changes):
    """Change the document as someone would who knows how hashes are made."""
    document = json.loads((path / "model.json").read_text()) | changes
    del document["sha256"]
    (path / "model.json").write_text(json.dumps({"sha256": hash_content(document)} | document))


def test_what_was_written_is_read(tmp_path):
    _write(tmp_path, b"one", adata_h5ad=b"cells")
    folder = ModelFolder(tmp_path)
    assert folder.document["format"] == 1 and len(_names(tmp_path)) == 3
    assert folder.read_bytes("weights.bin") == b"one" and folder.find("adata.h5ad").read_bytes() == b"cells"


def test_a_new_model_replaces_the_old_files_and_leaves_all_others_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    _write(tmp_path, b"other", prefix="other_")
    _write(tmp_path, b"one")
    _write(tmp_path, b"two")
    assert len(_names(tmp_path)) == 5 and (tmp_path / "notes.txt").read_text() == "mine"
    assert ModelFolder(tmp_path).read_bytes("weights.bin") == b"two"
    assert ModelFolder(tmp_path, "other_").read_bytes("weights.bin") == b"other"


def test_an_anndata_that_was_saved_stays_until_another_is(tmp_path):
    _write(tmp_path, adata_h5ad=b"cells")
    _write(tmp_path, b"two")
    assert ModelFolder(tmp_path).read_bytes("adata.h5ad") == b"cells"
    _write(tmp_path, adata_h5ad=b"more")
    assert ModelFolder(tmp_path).read_bytes("adata.h5ad") == b"more" and len(_names(tmp_path)) == 3


def test_a_writer_that_fails_leaves_the_old_model_and_nothing_else(tmp_path):
    def fail(path):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    writers = {"weights.bin": lambda path: path.write_bytes(b"two"), "arrays.npz": fail}
    _write(tmp_path / "old", b"one")
    before = _names(tmp_path / "old")
    for folder in ("old", "new"):
        with pytest.raises(KeyboardInterrupt):
            ModelFolder(tmp_path / folder).write({"format": 1}, writers)
    assert _names(tmp_path / "old") == before and not (tmp_path / "new").exists()
    assert ModelFolder(tmp_path / "old").read_bytes("weights.bin") == b"one"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_leaves_the_old_model_and_nothing_else(tmp_path):
    import resource

    _write(tmp_path, b"one")
    before = _names(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            _write(tmp_path, bytes(20_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert _names(tmp_path) == before and ModelFolder(tmp_path).read_bytes("weights.bin") == b"one"


def test_a_missing_truncated_or_changed_file_is_found_and_named(tmp_path):
    _write(tmp_path, b"weights")
    path = ModelFolder(tmp_path).find("weights.bin")
    for content, complaint in ((b"weight", "has 6 bytes of 7"), (b"weighty", "SHA-256 differs")):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"{path.name} is damaged.*{complaint}.*Copy it again"):
            ModelFolder(tmp_path).read_bytes("weights.bin")
    path.unlink()
    with pytest.raises(ValueError, match=rf"{path.name}, a part of the saved model, is missing.*Copy it again"):
        ModelFolder(tmp_path).read_bytes("weights.bin")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd"])
def test_a_document_cannot_point_out_of_its_folder(tmp_path, name):
    _write(tmp_path)
    _forge(tmp_path, files={"weights.bin": {"name": name, "n_bytes": 1, "sha256": ""}})
    with pytest.raises(ValueError, match="outside its folder.*do not trust it"):
        ModelFolder(tmp_path).read_bytes("weights.bin")


def test_a_damaged_model_can_be_overwritten(tmp_path):
    _write(tmp_path, b"one")
    (tmp_path / "model.json").write_text("{")
    _write(tmp_path, b"two")
    assert ModelFolder(tmp_path).read_bytes("weights.bin") == b"two"
