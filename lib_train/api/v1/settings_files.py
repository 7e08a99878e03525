"""Settings files: of this and other programs to be read, of a version to be taken home."""

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictStr

from lib_train.api.v1.models import VERSION, RequestBody

if TYPE_CHECKING:
    from lib_train.app.session import Session


class GivenFile(RequestBody):
    """A settings file."""

    name: StrictStr = Field(description="tells TOML (.toml) from JSON")
    text: StrictStr


class GivenFiles(RequestBody):
    """All settings files of one training, such as sd-scripts' and its ``dataset_config``."""

    files: list[GivenFile] = Field(max_items=20)


class TakenSettings(BaseModel):
    """What files make of a version's settings; nothing is changed."""

    settings: dict[str, Any] = Field(
        description="by name, to be sent as changes; what the files leave out as it is by default, but for pictures "
        "and prompts"
    )
    given: list[str] = Field(description="names of those that the files say")
    notes: list[str] = Field(description="what could not be taken and why, with the way out")
    notes_text: list[Any] = []


class SettingsFile(BaseModel):
    """A version's settings as a file."""

    name: str
    text: str
    notes: list[str] = Field(description="what sd-scripts will do otherwise")
    notes_text: list[Any] = []


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of settings files."""

    @routes.post("/settings/read")
    def read_files(body: GivenFiles) -> TakenSettings:
        """Settings of files of sd-scripts, its GUIs, OneTrainer or Train Tools, as far as they can be used here."""
        return TakenSettings(**session.settings_files.read([(one.name, one.text) for one in body.files]))

    @routes.get(VERSION + "/settings/file")
    def settings_file(project: str, version: str, kind: Literal["toml", "json"] = "toml") -> SettingsFile:
        """A version's settings for sd-scripts (TOML), or for Train Tools (JSON)."""
        return SettingsFile(**session.settings_files.written(project, version, kind))
