"""Keeps pages of the web out of a server that answers on this machine alone and asks for no login."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib_train.languages import in_language, language_named
from lib_train.texts import say

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")
_KEPT_APART = {
    "X-Frame-Options": "SAMEORIGIN",  # nor may a page show it inside itself and lead a person's click there
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """ASGI middleware: answers requests for this machine's own names, from no page of another origin.

    A page that lets its own name point to 127.0.0.1 (DNS rebinding) counts as ours for a browser: but its name stands
    in Host. What a foreign page sends is told by Sec-Fetch-Site, which comes through proxies as the browser wrote it;
    browsers without it are told by Origin. Programs send neither.

    Args:
        names: names that are answered beside this machine's own.
        apart: paths that begin so look after themselves where a browser does not send Sec-Fetch-Site.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = (), apart: str = "") -> None:
        self._app, self._apart = app, apart
        self._names = frozenset(name.lower().strip("[]").rstrip(".") for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        why = self._refused(headers, scope.get("method", "GET"), scope["path"])
        if why and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif why:
            shown = in_language(why, language_named(headers.get("accept-language", "")))
            await PlainTextResponse(shown, 403, _KEPT_APART)(scope, receive, send)
        else:
            await self._app(scope, receive, _apart(send))

    def _refused(self, headers: Headers, method: str, path: str) -> str:
        """Why a request is not answered; empty when it is."""
        host = headers.get("host", "")
        if not self._is_ours(host):
            return say("{host!r} is no name of this machine. Open {address} with the same port, or start with --host "
                       "and this name if a tunnel or proxy of yours is called so.",
                       host=host, address="http://127.0.0.1")  # fmt: skip
        if self._is_foreign(headers, method, path):
            return say("A page of another origin may not ask this. Open Train Tools in a tab of its own; if this is "
                       "it, start with --host and the name that stands in its address.")  # fmt: skip
        return ""

    def _is_foreign(self, headers: Headers, method: str, path: str) -> bool:
        where = headers.get("sec-fetch-site")
        if where in ("same-origin", "none"):
            return False
        if where is not None:  # a link that a person follows shows the page before nothing
            alone = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
            return not (alone and method in ("GET", "HEAD"))
        origin = headers.get("origin")
        if origin is None or (self._apart and path.startswith(self._apart)):
            return False
        there = _netloc(origin)
        return not there or not (there == headers.get("x-forwarded-host", "").lower() or self._is_ours(there))

    def _is_ours(self, host: str) -> bool:
        """Whether "name" or "name:port" is this machine's, or was named."""
        found = _HOST.fullmatch(host.lower())
        if not found:
            return False
        name = found[1].strip("[]").rstrip(".")
        return name in self._names or _is_loopback(name)


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):  # browsers look these up nowhere
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _apart(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_KEPT_APART)
        await send(message)

    return sent
