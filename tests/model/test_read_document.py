import json

import pytest

from gde.model.read_document import FORMAT, hash_content, read_document


def _write(path, document):
    path.write_text(json.dumps({"sha256": hash_content(document)} | document, indent=1), encoding="utf-8")
    return path


@pytest.fixture
def path(tmp_path):
    return _write(tmp_path / "model.json", {"format": 1, "versions": {"gde-tools": "0.1"}, "name": "Zürich"})


def test_the_layout_of_the_file_does_not_matter(path):
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    assert read_document(path)["name"] == "Zürich"


def test_no_bit_can_flip_unnoticed(path):
    document, content = read_document(path), path.read_bytes()
    n_found = 0
    for i in range(8 * len(content)):
        damaged = bytearray(content)
        damaged[i // 8] ^= 1 << i % 8
        path.write_bytes(damaged)
        try:
            assert read_document(path) == document  # white space only
        except ValueError as error:
            n_found += 1
            assert "model.json is damaged" in str(error) and "Copy it again" in str(error)
    assert n_found > 7 * len(content)


def test_no_truncation_goes_unnoticed(path):
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"model.json is damaged.*Copy it again"):
            read_document(path)


@pytest.mark.parametrize("text", ["[]", "1", '{"sha256": 1}', "[" * 100_000])
def test_other_json_is_refused(path, text):
    path.write_text(text)
    with pytest.raises(ValueError, match=r"model.json is damaged"):
        read_document(path)


def test_a_newer_format_is_refused_with_the_version_that_wrote_it(path):
    _write(path, {"format": FORMAT + 1, "versions": {"gde-tools": "9.0"}})
    with pytest.raises(
        ValueError, match=rf"format {FORMAT + 1}, written by gde 9.0.*up to {FORMAT}.*pip install -U gde-tools"
    ):
        read_document(path)


def test_where_there_is_no_model_it_says_what_to_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no saved model in .*Name the folder"):
        read_document(tmp_path / "model.json")
    (tmp_path / "model.pt").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"model.pt: a pickle, which can run any code and is not read"):
        read_document(tmp_path / "model.json")
