import socket
import time

import pytest

pytest.importorskip("uvicorn", reason="the tab's packages are not installed")
from lib_train.app.session import Session
from lib_train.errors import ConfigError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.ui import serve
from lib_train.ui.serve import _app, _listening


def test_port_that_is_taken_or_none_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for port in (taken.getsockname()[1], 65536, -1, 10**9):
            with pytest.raises(ConfigError, match=f"port = {port}: cannot be taken .*; choose another"):
                _listening(port)


def test_app_has_no_door_but_the_page_and_our_routes(tmp_path):
    paths = {route.path for route in _app(Session(StandaloneHost(device="cpu"), tmp_path), []).routes}
    assert {path for path in paths if not path.startswith("/train-tools/v1/")} == {
        "/train-tools/scripts", "/train-tools/scripts/{stamp}/{name:path}", "/{name:path}", "/robots.txt",
    }  # fmt: skip


def test_server_ends_though_somebody_has_not_finished_asking(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "_GRACE", 1)
    served = serve.start(Session(StandaloneHost(device="cpu"), tmp_path), 0)
    there = "127.0.0.1", int(served.address.rpartition(":")[2])
    with socket.create_connection(there) as asking:
        asking.sendall(
            b"POST /train-tools/v1/projects HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Train-Tools: 1\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        time.sleep(0.2)  # it is being read
        served.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(there)
