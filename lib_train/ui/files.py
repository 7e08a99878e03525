"""The page and its files, where no WebUI gives them out."""

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, PlainTextResponse

from lib_train.texts import say

_ROOT = Path(__file__).parents[2]
_HERE = Path(__file__).parent
_TYPES = {".mjs": "text/javascript", ".css": "text/css", ".json": "application/json", ".html": "text/html"}
_METHODS = ["GET", "HEAD"]


def router(root: Path = _ROOT) -> APIRouter:
    """Routes for the page, and for those of a folder's files that it asks for; for no other file.

    A browser asks each time whether a file is still the same. Scripts have routes of their own (``api.scripts``).
    """
    routes = APIRouter(include_in_schema=False)
    answer = _answer({"": _HERE / "page.html", **_assets(root)})
    routes.add_api_route("/robots.txt", _nobody, methods=_METHODS)
    routes.add_api_route("/{name:path}", answer, methods=_METHODS)
    return routes


def _assets(root: Path) -> dict[str, Path]:
    """Each file by its address, such as "train-tools/page/style.css"."""
    found = {"page/page.css": _HERE / "page.css", "page/style.css": root / "style.css"}
    found |= {path.relative_to(root).as_posix(): path for path in sorted((root / "javascript").glob("*.mjs"))}
    found |= {path.relative_to(root).as_posix(): path for path in sorted((root / "localizations").glob("*.json"))}
    return {f"train-tools/{name}": path for name, path in found.items()}


def _nobody() -> PlainTextResponse:
    """What search engines may look at."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


def _answer(known: dict[str, Path]) -> Callable[[str], FileResponse]:
    def file(name: str) -> FileResponse:
        if name not in known:
            raise HTTPException(404, say("there is no such file"))
        path = known[name]
        return FileResponse(path, media_type=_TYPES[path.suffix], headers={"Cache-Control": "no-cache"})

    return file
