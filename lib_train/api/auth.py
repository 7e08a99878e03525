"""Who may ask the routes: people who are logged in, from a page of ours or from a program."""

from collections.abc import Callable

from fastapi import HTTPException, Request

from lib_train.texts import say

OWN_HEADER = "X-Train-Tools"
"""Stands in every request that changes something. A page of another site can send it only after asking, by a
preflight that nobody grants but the WebUI's ``--cors-allow-origins``. Unlike Origin and Host it comes through proxies,
tunnels and subpaths unchanged."""
_READING = ("GET", "HEAD")
_BODIES = ("application/json", "multipart/form-data")

Trusted = Callable[[str], bool]
"""Whether pages of this origin, such as "https://example.org", may ask what our own page may."""


def nobody(origin: str) -> bool:
    """Trusts no other page."""
    return False


def require_login(request: Request) -> None:
    """Let through who is logged in to the WebUI, or everybody where it asks for no login.

    Raises:
        HTTPException: 401, nobody is logged in.
    """
    app = request.app
    if getattr(app, "auth", None) is None:
        return
    token = request.cookies.get("access-token") or request.cookies.get("access-token-unsecure")
    if app.tokens.get(token) is None:
        raise HTTPException(401, say("log in first"))


def require_no_foreign_page(request: Request, trusted: Trusted = nobody) -> None:
    """Turn away what a page of another site makes a browser send.

    Raises:
        HTTPException: 403 for a foreign page or a missing header, 415 for a body of another type.
    """
    headers, reads = request.headers, request.method in _READING
    if headers.get("sec-fetch-site") == "cross-site" and not trusted(headers.get("origin", "")):
        goes_there = (
            reads and headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        )
        if not goes_there:  # a link that a person follows shows the page nothing
            raise HTTPException(403, say("pages of other sites may not ask this; open it in Train Tools itself"))
    if reads:
        return
    if OWN_HEADER not in headers:
        raise HTTPException(
            403, say("send the header {header}; pages of other sites cannot", header=f"{OWN_HEADER}: 1")
        )
    has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    if not has_body and "content-type" not in headers:
        return
    if headers.get("content-type", "").partition(";")[0].strip().lower() not in _BODIES:
        raise HTTPException(
            415, say("send {kind} or {other} and say so in Content-Type", kind=_BODIES[0], other=_BODIES[1])
        )
