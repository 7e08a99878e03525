"""A small reverse proxy, as web servers and tunnels stand before the tab."""

import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Unmoved(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # as when a browser leaves a page that is loading
            super().handle_error(request, client_address)


@contextmanager
def proxied(target: str, below: str = "", host: str = "") -> Iterator[str]:
    """An address whose path ``below`` leads to the target's root, as web servers are set up for ``--subpath``.

    Args:
        host: what the target is told as Host; empty passes on what was asked.
    """
    opener, inside = urllib.request.build_opener(_Unmoved), f"/{below}/" if below else "/"

    class Proxy(BaseHTTPRequestHandler):
        def _pass_on(self):
            if not self.path.startswith(inside):  # not ours to pass on, such as a browser's /favicon.ico
                self.send_error(404)
                return
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            kept = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "accept-encoding")}
            kept |= {"Host": host} if host else {}
            request = urllib.request.Request(target + "/" + self.path[len(inside) :], body, kept, method=self.command)
            try:
                answer = opener.open(request, timeout=60)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on

        def log_message(self, *args):
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{inside}"
    finally:
        server.shutdown()
        server.server_close()
