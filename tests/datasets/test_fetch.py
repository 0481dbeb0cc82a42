import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest

from gde.datasets import _fetch


@pytest.fixture
def known_file(monkeypatch):
    """One known file, whose content is b"content"."""
    monkeypatch.setattr(
        _fetch, "FILES", {"f.txt": ("https://invalid.test/f.txt", hashlib.sha256(b"content").hexdigest())}
    )
    return "f.txt"


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    return tmp_path / "cache" / "gde"


@pytest.fixture
def offline(monkeypatch):
    def refuse(self, url, output_file, pooch):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", refuse)


def test_data_dir_comes_first(known_file, cache, offline, tmp_path, monkeypatch):
    (tmp_path / known_file).write_bytes(b"content")
    monkeypatch.setenv("GDE_DATA_DIR", str(tmp_path))
    assert _fetch.fetch(known_file) == tmp_path / known_file
    assert not cache.exists()


def test_altered_file_in_data_dir_is_refused_by_name(known_file, tmp_path, monkeypatch):
    (tmp_path / known_file).write_bytes(b"something else")
    monkeypatch.setenv("GDE_DATA_DIR", str(tmp_path))
    with pytest.raises(ValueError, match=r"f\.txt is not the expected file.*sha256"):
        _fetch.fetch(known_file)


@pytest.mark.parametrize("data_dir", [None, "empty"])
def test_downloads_once_where_data_dir_has_no_such_file(known_file, cache, tmp_path, monkeypatch, data_dir):
    monkeypatch.delenv("GDE_DATA_DIR", raising=False)
    if data_dir:
        monkeypatch.setenv("GDE_DATA_DIR", str(tmp_path / data_dir))
    urls = []

    def download(self, url, output_file, pooch):
        urls.append(url)
        Path(output_file).write_bytes(b"content")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", download)
    assert _fetch.fetch(known_file) == _fetch.fetch(known_file) == cache / known_file
    assert urls == ["https://invalid.test/f.txt"]


@pytest.fixture
def server():
    """A server on this machine, which hangs up within the first download and gives whole files after that."""

    class HangUpOnce(BaseHTTPRequestHandler):
        contents = [b"con", b"content"]

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "7")
            self.end_headers()
            self.wfile.write(self.contents.pop(0))

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), HangUpOnce) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/f.txt"
        server.shutdown()


def test_a_download_that_breaks_off_leaves_nothing_and_can_be_repeated(known_file, cache, server, monkeypatch):
    monkeypatch.delenv("GDE_DATA_DIR", raising=False)
    monkeypatch.setitem(_fetch.FILES, known_file, (server, _fetch.FILES[known_file][1]))
    with pytest.raises(RuntimeError, match=r"Could not download .*3 bytes read, 4 more expected.*GDE_DATA_DIR"):
        _fetch.fetch(known_file)
    assert not [path for path in cache.rglob("*") if path.is_file()]
    assert _fetch.fetch(known_file).read_bytes() == b"content"


def test_offline_error_says_where_to_put_the_file(known_file, cache, offline, monkeypatch):
    monkeypatch.delenv("GDE_DATA_DIR", raising=False)
    with pytest.raises(RuntimeError, match=r"https://invalid\.test/f\.txt .*no route.*GDE_DATA_DIR"):
        _fetch.fetch(known_file)


def test_urls_are_pinned_to_a_commit():
    assert all(
        len(sha256) == 64 and any(len(part) == 40 for part in url.split("/")) for url, sha256 in _fetch.FILES.values()
    )


@pytest.mark.data
def test_manifest_agrees(original):
    manifest = original("MANIFEST.tsv").read_text().splitlines()
    assert {(name, url, sha256) for name, _, sha256, url, *_ in (line.split("\t") for line in manifest[1:])} == {
        (name, url, sha256) for name, (url, sha256) in _fetch.FILES.items()
    }
