"""Requests to an app in this process, as a server hands them on: far cheaper than a client, for thousands of them."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlencode

import httpx
from fastapi import APIRouter, FastAPI


class App:
    """An app with these routes, and one who may ask them."""

    def __init__(self, routes: APIRouter) -> None:
        self.app = FastAPI()
        self.app.include_router(routes)
        across = httpx.ASGITransport(self.app, raise_app_exceptions=False)  # type: ignore[arg-type]
        self.client = httpx.AsyncClient(transport=across, base_url="http://test", headers={"X-Train-Tools": "1"})

    async def answer(self, method: str, path: str, **request: Any) -> tuple[int, str | None, str]:
        """Status, content type and text of the answer."""
        by_client = {"data", "files", "json"} & set(request)
        return await (self.by_client if by_client else self.plainly)(method, path, **request)

    async def by_client(self, method: str, path: str, **request: Any) -> tuple[int, str | None, str]:
        answer = await self.client.request(method, path, **request)
        return answer.status_code, answer.headers.get("content-type"), answer.text

    async def plainly(
        self,
        method: str,
        path: str,
        params: dict[str, object] | None = None,
        content: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str | None, str]:
        """As a client does, which itself would take as long as the app: most of its time goes into reading the path."""
        path, _, query = path.partition("?")
        if params is not None:
            query = urlencode(params, errors="surrogatepass")
        given = {"host": "test", "x-train-tools": "1", **(headers or {})}
        if method not in ("GET", "HEAD"):
            given["content-length"] = str(len(content))
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": unquote(path),
            "raw_path": path.encode(), "root_path": "", "scheme": "http", "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 123), "server": ("test", None),
        }  # fmt: skip
        bodies, over = [{"type": "http.request", "body": content, "more_body": False}], asyncio.Event()
        answered: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not bodies:
                await over.wait()
            return bodies.pop() if bodies else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            answered.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                over.set()

        with suppress(Exception):  # it is answered, with a 500
            await self.app(scope, receive, send)  # type: ignore[arg-type]
        kinds = dict(answered[0]["headers"])
        text = b"".join(message.get("body", b"") for message in answered[1:]).decode("utf-8", "replace")
        return answered[0]["status"], kinds.get(b"content-type", b"").decode(), text
