"""Routes of the tab. Every one is open to logged-in people only; those that change something are POST with JSON."""

import io
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Body, Depends, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import FileResponse, JSONResponse, Response
from PIL import Image, ImageOps

from lib_train.app.answers import answer_preset, plainly, told
from lib_train.app.session import Session, config_of
from lib_train.errors import (
    CaptionChanged,
    ConfigError,
    HostBusyError,
    HostModelError,
    NotTraining,
    Problem,
    ProjectError,
    TrainToolsError,
)

PREFIX = "/train-tools"
_THUMB, _LARGE = 192, 1280  # longest side in pixels


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
        raise HTTPException(401, "log in first")


def router(session: Session) -> APIRouter:
    """All routes of one session."""
    routes = APIRouter(prefix=PREFIX, dependencies=[Depends(require_login)])
    _add_job_routes(routes, session)
    _add_wish_routes(routes, session)
    _add_settings_routes(routes, session)
    _add_file_routes(routes, session)
    _add_picture_routes(routes, session)
    return routes


def _add_job_routes(routes: APIRouter, session: Session) -> None:
    answered = _answering(session.root)

    @routes.get("/status")
    @answered
    def status(project: str = "", version: str = "", since: int = 0) -> Any:
        return session.seen(project, version, since)

    @routes.post("/train")
    @answered
    def train(asked: dict[str, Any] = Body(...)) -> Any:
        session.train(asked["project"], asked["version"], asked["settings"])

    @routes.post("/resume")
    @answered
    def resume(asked: dict[str, Any] = Body(...)) -> Any:
        session.resume(asked["project"], asked["version"], asked.get("run", ""))

    @routes.post("/stop")
    @answered
    def stop(asked: dict[str, Any] = Body(...)) -> Any:
        session.stop()

    @routes.post("/preview")
    @answered
    def preview(asked: dict[str, Any] = Body(...)) -> Any:
        session.preview(asked["project"], asked["version"], asked.get("files", []), asked["settings"])

    @routes.get("/curve")
    @answered
    def curve(project: str, version: str, run: str) -> Any:
        return session.curve(project, version, run)


def _add_wish_routes(routes: APIRouter, session: Session) -> None:
    answered = _answering(session.root)

    @routes.post("/sample")
    @answered
    def sample(asked: dict[str, Any] = Body(...)) -> Any:
        session.wishes.ask_for_sample()

    @routes.post("/pause")
    @answered
    def pause(asked: dict[str, Any] = Body(...)) -> Any:
        session.wishes.ask_for_pause()

    @routes.post("/continue")
    @answered
    def go_on_training(asked: dict[str, Any] = Body(...)) -> Any:
        session.wishes.ask_to_continue()

    @routes.post("/queue")
    @answered
    def add(asked: dict[str, Any] = Body(...)) -> Any:
        session.add(asked["project"], asked["version"], asked["settings"])

    @routes.post("/queue/remove")
    @answered
    def remove(asked: dict[str, Any] = Body(...)) -> Any:
        session.queue.remove(asked["number"])

    @routes.post("/queue/go-on")
    @answered
    def go_on(asked: dict[str, Any] = Body(...)) -> Any:
        session.queue.go_on()


def _add_settings_routes(routes: APIRouter, session: Session) -> None:
    answered = _answering(session.root)

    @routes.post("/plan")
    @answered
    def plan(asked: dict[str, Any] = Body(...)) -> Any:
        return session.plan_as_json(asked["project"], asked["version"], asked["settings"])

    @routes.post("/preset")
    @answered
    def preset(asked: dict[str, Any] = Body(...)) -> Any:
        return answer_preset(config_of(asked["settings"]))


def _add_file_routes(routes: APIRouter, session: Session) -> None:
    answered = _answering(session.root)

    @routes.get("/checkpoints")
    @answered
    def checkpoints(project: str, version: str) -> Any:
        return {
            "checkpoints": session.checkpoints(project, version),
            "base": session.base_previews(project, version),
            "grids": session.grids(project, version),
        }

    @routes.post("/install")
    @answered
    def install(asked: dict[str, Any] = Body(...)) -> Any:
        return {"path": str(session.install(asked["project"], asked["version"], asked["name"]))}

    @routes.post("/delete-checkpoint")
    @answered
    def delete_checkpoint(asked: dict[str, Any] = Body(...)) -> Any:
        path = session.delete_checkpoint(asked["project"], asked["version"], asked["name"])
        return {"path": plainly(str(path), session.root)}

    @routes.post("/send")
    @answered
    def send(asked: dict[str, Any] = Body(...)) -> Any:
        return session.sent(asked["project"], asked["version"], asked["picture"])

    @routes.get("/download")
    def download(project: str, version: str, name: str) -> Response:
        try:
            path = session.checkpoint(project, version, name)
        except TrainToolsError as error:
            raise HTTPException(404, str(error)) from error
        return FileResponse(path, filename=path.name, media_type="application/octet-stream")

    @routes.get("/file")
    def file(path: str) -> Response:
        return FileResponse(_below(session.root, path))

    @routes.get("/thumb")
    def thumb(path: str) -> Response:
        found = _below(session.root, path)
        kept = {"Cache-Control": "private, max-age=3600"}  # no preview is ever written over
        return Response(_small(str(found), found.stat().st_mtime_ns), media_type="image/webp", headers=kept)


def _add_picture_routes(routes: APIRouter, session: Session) -> None:
    answered = _answering(session.root)

    @routes.get("/pictures")
    @answered
    def pictures(project: str, version: str) -> Any:
        return session.gallery.listed(project, version)

    @routes.get("/picture")
    def picture(project: str, version: str, index: int, large: bool = False) -> Response:
        try:
            found = session.gallery.path(project, version, index)
        except (TrainToolsError, IndexError) as error:
            raise HTTPException(404, str(error)) from error
        content = _scaled(str(found), _LARGE) if large else _small(str(found), found.stat().st_mtime_ns)
        return Response(content, media_type="image/webp")

    @routes.get("/caption")
    @answered
    def caption(project: str, version: str, index: int, name: str) -> Any:
        return session.gallery.shown(project, version, index, name)

    @routes.post("/caption")
    @answered
    def keep_caption(asked: dict[str, Any] = Body(...)) -> Any:
        place = asked["project"], asked["version"], asked["index"], asked["name"]
        return session.gallery.keep_caption(*place, asked["replaces"], asked["caption"])

    @routes.post("/upload")
    @answered
    def upload(
        project: str = Form(...),
        version: str = Form(...),
        name: str = Form("subject"),
        repeats: int = Form(10),
        files: list[UploadFile] = File(...),
    ) -> Any:
        return session.upload(project, version, name, repeats, [(file.filename or "", file.file) for file in files])


def _answering(root: Path) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes a route's value JSON, and an error that a person can meet ``{"error": ...}`` with a fitting status."""

    def answered(route: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(route)
        def answer(*args: Any, **kwargs: Any) -> Any:
            try:
                _require_kinds(kwargs.get("asked", {}))
                return JSONResponse(route(*args, **kwargs) or {})
            except KeyError as error:
                return JSONResponse({"error": {"message": f"{error} is missing", "problems": []}}, 422)
            except TrainToolsError as error:
                return JSONResponse({"error": told(error, root)}, _status_of(error))

        return answer

    return answered


_KINDS: dict[str, tuple[type, str]] = {
    **dict.fromkeys(("project", "version", "name", "run", "picture"), (str, "text")),
    "settings": (dict, "an object of settings"),
    "files": (list, "a list of names"),
}


def _require_kinds(asked: dict[str, Any]) -> None:
    """See to it that what was sent has the JSON types that the routes expect.

    Raises:
        ConfigError: names everything that has not.
    """
    wrong = [key for key in asked if key in _KINDS and not isinstance(asked[key], _KINDS[key][0])]
    if wrong:
        raise ConfigError([Problem(key, asked[key], f"must be {_KINDS[key][1]}") for key in wrong])


def _status_of(error: TrainToolsError) -> int:
    if isinstance(error, HostBusyError | HostModelError | NotTraining | CaptionChanged):
        return 409
    return 404 if isinstance(error, ProjectError) else 422


def _below(root: Path, path: str) -> Path:
    """The picture at a path below the root; nothing else is given out here.

    Raises:
        HTTPException: 404.
    """
    try:
        found = Path(path).resolve()
    except (OSError, ValueError):  # no path at all
        raise HTTPException(404, "there is no such picture") from None
    if not found.is_relative_to(root.resolve()) or found.suffix.lower() != ".png" or not found.is_file():
        raise HTTPException(404, "there is no such picture")
    return found


@lru_cache(maxsize=2000)
def _small(path: str, changed: int) -> bytes:
    """A picture as a small WebP file. ``changed`` is its time of change: part of the cache's key."""
    return _scaled(path, _THUMB)


def _scaled(path: str, side: int) -> bytes:
    with Image.open(path) as opened:
        opened.draft("RGB", (side * 2, side * 2))
        picture = ImageOps.exif_transpose(opened).convert("RGBA")
    picture.thumbnail((side, side))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=80)
    return out.getvalue()
