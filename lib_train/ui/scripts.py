"""The page's scripts, where no WebUI gives them out."""

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

PREFIX = "/train-tools/javascript"
BOOT = "train_tools.mjs"
_FOLDER = Path(__file__).parents[2] / "javascript"


def router(folder: Path = _FOLDER) -> APIRouter:
    """A route for the modules of a folder that lie there now, and for no other file of it.

    A browser asks each time whether a module is still the same: parts of two releases do not fit together.
    """
    routes = APIRouter(prefix=PREFIX)
    routes.add_api_route("/{name:path}", _answer(modules(folder)), methods=["GET", "HEAD"], include_in_schema=False)
    return routes


def modules(folder: Path) -> dict[str, Path]:
    """Each module of a folder by its path below it, such as "tt/api.mjs"."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.mjs"))}


def _answer(known: dict[str, Path]) -> Callable[[str], FileResponse]:
    def script(name: str) -> FileResponse:
        if name not in known:
            raise HTTPException(404, "there is no such script")
        return FileResponse(known[name], media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    return script
