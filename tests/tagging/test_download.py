"""Against a server of this process."""

import hashlib
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lib_train.errors import FileError
from lib_train.tagging.download import Ended, fetch
from lib_train.tagging.published import PUBLISHED

CONTENT = bytes(range(256)) * 20_000


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/file")
                self.end_headers()
                return
            if self.path == "/none":
                self.send_error(404)
                return
            self.send_response(200)
            if self.path != "/unknown":
                self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[:-1000] if self.path == "/cut" else CONTENT)

        def log_message(self, *args):
            pass

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.handle_error = lambda *of: None  # type: ignore[method-assign]  # who has enough hangs up
    threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


def quiet(done, total):
    return True


@pytest.mark.parametrize("path", ["/file", "/moved", "/unknown"])
def test_file_comes_whole_with_progress(server, tmp_path, path):
    heard: list[tuple[int, int]] = []
    target = tmp_path / "new" / "model.onnx"
    fetch(server + path, target, lambda done, total: heard.append((done, total)) or True)
    assert target.read_bytes() == CONTENT
    assert heard[-1] == (len(CONTENT), 0 if path == "/unknown" else len(CONTENT))
    assert len(heard) > 3
    assert [one.name for one in target.parent.iterdir()] == ["model.onnx"]


def test_file_that_is_there_is_left_and_nobody_is_asked(tmp_path):
    target = tmp_path / "model.onnx"
    target.write_bytes(b"mine")
    fetch("http://127.0.0.1:9/never", target, quiet)
    assert target.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("path", "why"), [("/cut", "bytes came|IncompleteRead"), ("/none", "Not Found"), ("no address", "unknown url type")]
)
def test_what_does_not_come_whole_leaves_nothing(server, tmp_path, path, why):
    url = server + path if path.startswith("/") else path
    with pytest.raises(FileError, match=why) as error:
        fetch(url, tmp_path / "model.onnx", quiet)
    assert str(error.value).startswith(url)
    assert str(error.value).endswith(f"fetch it by hand and put it at {tmp_path / 'model.onnx'}")
    assert list(tmp_path.iterdir()) == []


def test_nobody_answering_is_named(tmp_path):
    with pytest.raises(FileError, match="Connection refused"):
        fetch("http://127.0.0.1:9/", tmp_path / "model.onnx", quiet)


def test_digest_is_checked(server, tmp_path):
    fetch(f"{server}/file", tmp_path / "good", quiet, sha256=hashlib.sha256(CONTENT).hexdigest())
    with pytest.raises(FileError, match="its content is another one than was published"):
        fetch(f"{server}/file", tmp_path / "bad", quiet, sha256="0" * 64)
    assert [one.name for one in tmp_path.iterdir()] == ["good"]


def test_stopped_in_the_middle_it_leaves_nothing(server, tmp_path):
    with pytest.raises(Ended):
        fetch(f"{server}/file", tmp_path / "model.onnx", lambda done, total: done < total / 2)
    assert list(tmp_path.iterdir()) == []


def test_disk_without_room_is_named_before_anything_is_written(server, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10**6}))
    with pytest.raises(FileError, match="it needs 5 MB and 1 MB are free"):
        fetch(f"{server}/file", tmp_path / "model.onnx", quiet)
    assert list(tmp_path.iterdir()) == []


def test_published_taggers_have_their_model_first_and_all_that_belongs_to_it():
    assert len({one.name for one in PUBLISHED}) == len(PUBLISHED)
    for one in PUBLISHED:
        names = [name for name, _ in one.files]
        assert names[0].startswith("model.")
        assert all(url.startswith("https://huggingface.co/") and url.endswith(name) for name, url in one.files)
        wanted = {"wd": {"selected_tags.csv"}, "cl": {"tag_mapping.json"}, "joytag": {"top_tags.txt"}}[one.kind]
        assert wanted <= set(names)
        assert ("config.json" in names) == (names[0] == "model.safetensors")
