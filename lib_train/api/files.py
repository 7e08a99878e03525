"""Routes of checkpoints, previews and sheets."""

from typing import Any

from fastapi import APIRouter, Body
from fastapi.responses import FileResponse, Response

from lib_train.api.answers import answered
from lib_train.api.images import picture_below, thumbnail
from lib_train.app.session import Session
from lib_train.error_json import without_root


def add_file_routes(routes: APIRouter, session: Session) -> None:
    """Routes that list, give out, install and delete what was trained."""

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
        return {"path": without_root(str(path), session.root)}

    @routes.post("/send")
    @answered
    def send(asked: dict[str, Any] = Body(...)) -> Any:
        return session.sent(asked["project"], asked["version"], asked["picture"])

    @routes.get("/download")
    def download(project: str, version: str, name: str) -> Response:
        path = session.checkpoint(project, version, name)
        return FileResponse(path, filename=path.name, media_type="application/octet-stream")

    @routes.get("/file")
    def file(path: str) -> Response:
        return FileResponse(picture_below(session.root, path))

    @routes.get("/thumb")
    def thumb(path: str) -> Response:
        kept = {"Cache-Control": "private, max-age=3600"}  # no preview is ever written over
        return Response(
            thumbnail(picture_below(session.root, path), session.gallery.thumbnail),
            media_type="image/webp",
            headers=kept,
        )
