"""The page's scripts, below a path that is another one whenever any of them has changed.

So a browser keeps them for good, and asks one question when the page is opened. Parts of two releases do not fit
together: those below one path were read together, and stay what they were.
"""

import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response

from lib_train.api.auth import Trusted, nobody
from lib_train.api.guarded import guarded
from lib_train.marks import glance_at
from lib_train.texts import say

PREFIX = "/train-tools/scripts"
_FOLDER = Path(__file__).parents[2] / "javascript"
_FOLDERS = ("tt", "vendor")
_FOR_GOOD = "private, max-age=31536000, immutable"

Parts = Mapping[str, bytes]
"""Scripts by their path below the folder, such as "tt/tab.mjs"."""


class Scripts:
    """What lies in a folder's parts now, and what lay there before: a page may be in the midst of loading that."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: dict[str, object] = {}
        self._releases: list[tuple[str, Parts]] = [("", {})]  # the newest last

    def newest(self) -> tuple[str, Parts]:
        """Stamp and parts of what lies there now; read only if it has changed.

        Raises:
            OSError: a file is gone while it is read.
        """
        with self._lock:
            found = sorted(path for part in _FOLDERS for path in (self._folder / part).glob("*.mjs"))
            paths = {path.relative_to(self._folder).as_posix(): path for path in found}
            seen = {name: glance_at(str(path)) for name, path in paths.items()}
            if seen != self._seen:
                parts = {name: path.read_bytes() for name, path in paths.items()}
                self._releases = [self._releases[-1], (_stamp_of(parts), parts)]
                self._seen = dict(seen)
            return self._releases[-1]

    def part(self, stamp: str, name: str) -> bytes | None:
        """A script of the newest release or the one before; None where there is no such thing."""
        known = dict(self._releases)
        if stamp not in known:  # asked of a process that was started anew
            known = dict([self.newest()])
        return known.get(stamp, {}).get(name)


def _stamp_of(parts: Parts) -> str:
    whole = hashlib.sha256()
    for name, content in parts.items():
        whole.update(f"{name}\n{len(content)}\n".encode() + content)
    return whole.hexdigest()[:16]


def router(trusted: Trusted = nobody, folder: Path = _FOLDER) -> APIRouter:
    """The question which scripts there are, and the scripts."""
    routes = APIRouter(prefix=PREFIX, include_in_schema=False, route_class=guarded(folder, trusted))
    scripts = Scripts(folder)

    @routes.get("")
    def newest() -> JSONResponse:
        stamp, parts = scripts.newest()
        return JSONResponse({"stamp": stamp, "parts": list(parts)}, headers={"Cache-Control": "no-store"})

    @routes.get("/{stamp}/{name:path}")
    def part(stamp: str, name: str) -> Response:
        content = scripts.part(stamp, name)
        if content is None:
            raise HTTPException(404, say("there is no such file"))
        return Response(content, media_type="text/javascript", headers={"Cache-Control": _FOR_GOOD})

    return routes
