"""Presets: those of others, starting points, and a person's own."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictStr

from lib_train.api.v1.models import Problem, RequestBody
from lib_train.api.v1.settings_files import GivenFile, SettingsFile

if TYPE_CHECKING:
    from lib_train.app.session import Session


class Preset(BaseModel):
    """Settings that somebody published, or kept."""

    name: str
    title: str = Field(description="what it trains, in two or three words; may be empty")
    about: str
    family: str = Field(description='of the models that it was made for: "sd1", "sd2" or "sdxl"; empty is any')
    own: bool = Field(description="whether a person here kept it")
    variant_of: str = Field(
        description="preset that it differs from in kind and size of the network alone; may be empty"
    )
    settings: dict[str, Any]
    reasons: dict[str, str] = Field(description="why a setting is as it is, by its name")


class PresetList(BaseModel):
    """All presets but the starting points."""

    presets: list[Preset]
    problems: list[Problem] = Field(description="files of own presets that hold none")


class TakenPreset(PresetList):
    """A preset that was taken in, with all the others."""

    name: str
    notes: list[str] = Field(description="what of the file could not be taken and why")
    notes_text: list[Any] = []


class NewPreset(RequestBody):
    """A version's settings to keep as a preset, without folders, prompts and files of networks."""

    project: StrictStr
    version: StrictStr
    name: StrictStr
    title: StrictStr = ""
    about: StrictStr = ""
    replace: StrictBool = Field(False, description="whether an own preset of this name may be written over")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of presets."""

    @routes.get("/presets")
    def all_presets() -> PresetList:
        """Settings that others published with their results, and those that people here kept."""
        return PresetList(**session.presets.listed())

    @routes.post("/presets")
    def save_preset(body: NewPreset) -> PresetList:
        """Keep a version's settings as a preset."""
        return PresetList(**session.presets.save(**body.dict()))

    @routes.post("/presets/import")
    def import_preset(body: GivenFile) -> TakenPreset:
        """Keep a preset that was shared, or settings of another program, under the file's name."""
        return TakenPreset(**session.presets.take_in(body.name, body.text))

    @routes.get("/presets/start")
    def start(subject: str, family: str, memory: int) -> Preset:
        """A starting point: character, style, concept or clothing; sd1 or sdxl; 8, 12 or 24 GB."""
        return Preset(**session.presets.start(subject, family, memory))

    @routes.get("/presets/{name}/file")
    def preset_file(name: str) -> SettingsFile:
        """A preset as a file to give away."""
        return SettingsFile(**session.presets.file(name))

    @routes.delete("/presets/{name}")
    def delete_preset(name: str) -> PresetList:
        """Move one of the own presets into the trash."""
        return PresetList(**session.presets.delete(name))
