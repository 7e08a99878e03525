import socket

import pytest

pytest.importorskip("uvicorn", reason="the tab's packages are not installed")
from lib_train.app.session import Session
from lib_train.errors import ConfigError
from lib_train.host.standalone.host import StandaloneHost
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
