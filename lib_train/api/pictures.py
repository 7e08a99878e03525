"""Routes of the pictures of a version."""

from typing import Any

from fastapi import APIRouter, Body, File, Form, UploadFile
from fastapi.responses import Response

from lib_train.api.answers import answered
from lib_train.api.images import LARGE, scaled, thumbnail
from lib_train.app.session import Session


def add_picture_routes(routes: APIRouter, session: Session) -> None:
    """Routes that show, caption and take in pictures."""

    @routes.get("/pictures")
    @answered
    def pictures(project: str, version: str) -> Any:
        return session.gallery.listed(project, version)

    @routes.get("/picture")
    def picture(project: str, version: str, index: int, large: bool = False) -> Response:
        found = session.gallery.path(project, version, index)
        read = session.gallery.thumbnail
        return Response(scaled(found, LARGE, read) if large else thumbnail(found, read), media_type="image/webp")

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
        paths: list[str] = Form([], description="of each file, where a whole folder is sent: as it lies in it"),
    ) -> Any:
        told = paths if len(paths) == len(files) else [file.filename or "" for file in files]
        sent = [(path, file.file) for path, file in zip(told, files, strict=True)]
        return session.upload(project, version, name, repeats, sent)
