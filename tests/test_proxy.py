import socket
import struct
import threading
import time
import urllib.error
import urllib.request

import pytest

from tests.proxy import proxied


def no_more_requests():
    until = time.monotonic() + 20
    while any("process_request_thread" in thread.name for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_proxy_is_quiet_when_a_path_is_not_below_it_or_a_client_leaves(capfd):
    with proxied("http://127.0.0.1:9", "sd") as address:
        outside = address.removesuffix("sd/") + "favicon.ico"
        with pytest.raises(urllib.error.HTTPError, match="404") as answer:
            urllib.request.urlopen(outside, timeout=20)
        answer.value.close()
        port = int(address.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /sd/ HTTP/1.1\r\n")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset when it is closed
        time.sleep(0.2)
        no_more_requests()
    assert capfd.readouterr().err == ""
