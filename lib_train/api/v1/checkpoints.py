"""Checkpoints of a version: list, facts, download, install, delete."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field, StrictStr

from lib_train.api.v1.models import VERSION, RequestBody, Text
from lib_train.error_json import without_root

if TYPE_CHECKING:
    from lib_train.app.session import Session

_ONE = VERSION + "/checkpoints/{name}"


class Choice(BaseModel):
    """What a person has decided of a checkpoint."""

    verdict: str = Field(description='"starred", "rejected", or empty')
    note: str


class Chosen(RequestBody):
    """What to change of it; null leaves it as it is."""

    verdict: StrictStr | None = Field(None, description='"starred", "rejected", or empty')
    note: StrictStr | None = None


class Checkpoint(Choice):
    """A LoRA file of a run."""

    name: str
    path: str = Field(description="where it lies: what network_weights and base_weights take")
    run: str
    step: int | None
    epoch: int | None
    loss: float | None = Field(description="mean of the steps since the checkpoint before")
    bytes: int
    previews: list[str] = Field(description="paths for /previews/image")
    installed: bool


class CheckpointList(BaseModel):
    """The version's checkpoints, newest first."""

    checkpoints: list[Checkpoint]


class Facts(BaseModel):
    """What is in a LoRA file, from its header."""

    name: str
    bytes: int
    kind: str
    kind_text: Text | None = None
    base: str
    base_text: Text | None = None
    precision: str
    modules: dict[str, int] = Field(description="trained layers of each part")
    dims: dict[int, int] = Field(description="rank -> layers that have it")
    alphas: dict[float, int]
    trigger: str
    tags: list[tuple[str, int]]
    settings: dict[str, str]


class Path(BaseModel):
    """Where a file lies now."""

    path: str


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of checkpoints."""

    @routes.get(VERSION + "/checkpoints")
    def checkpoints(project: str, version: str) -> CheckpointList:
        """The version's checkpoints, newest first, with their previews."""
        found = session.checkpoints(project, version)
        for one in found:
            one["previews"] = [without_root(path, session.root) for path in one["previews"]]
        return CheckpointList(checkpoints=[Checkpoint(**one) for one in found])

    @routes.get(_ONE)
    def facts(project: str, version: str, name: str) -> Facts:
        """Kind, ranks, trigger words, tags and settings of a file."""
        return Facts(**session.inspected(project, version, name))

    @routes.get(_ONE + "/file", response_class=FileResponse)
    def download(project: str, version: str, name: str) -> FileResponse:
        """The file itself."""
        path = session.checkpoint(project, version, name)
        return FileResponse(path, filename=path.name, media_type="application/octet-stream")

    @routes.patch(_ONE)
    def choose(project: str, version: str, name: str, body: Chosen) -> Choice:
        """Star or reject a checkpoint, or note something of it."""
        session.checkpoint(project, version, name)
        changes = {key: value for key, value in body.dict().items() if value is not None}
        return Choice(**session.comparison.choose(project, version, name, changes))

    @routes.post(_ONE + "/install")
    def install(project: str, version: str, name: str) -> Path:
        """Copy a checkpoint into the host's folder of LoRA files, with a card and a picture."""
        return Path(path=str(session.install(project, version, name)))

    @routes.delete(_ONE)
    def delete(project: str, version: str, name: str) -> Path:
        """Move a checkpoint into the trash of the output folder."""
        return Path(path=without_root(str(session.delete_checkpoint(project, version, name)), session.root))
