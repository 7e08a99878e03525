"""Settings: what there are, presets, and those of a version, one by one."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictStr

from lib_train.api.v1.models import VERSION, Problem, RequestBody, Text
from lib_train.app.settings import declared_settings

if TYPE_CHECKING:
    from lib_train.app.session import Session


class UsedWhen(BaseModel):
    """When a setting changes anything."""

    otherwise: str = Field(description="why it changes nothing elsewhere")
    otherwise_text: Text | None = None
    ways: list[dict[str, Any]] = Field(
        description='any of them must hold: settings (or "family", "regularisation") with their values, or "set"'
    )


class BlockRow(BaseModel):
    """How a list of a number for each block is drawn: as a row of sliders."""

    names: dict[str, list[str]] = Field(
        description='blocks by family, in the list\'s order; "" where nothing is trained'
    )
    presets: dict[str, dict[str, list[float]]] = Field(description="by family: names with multiples of ``base``")
    base: str = Field(description='setting whose value each block has where the list is empty; "" for none')
    otherwise: float = Field(description="what each block has then")
    slider: list[float] = Field(description="lowest and highest value to slide between, and the step")
    written: bool = Field(description="whether a preset's name may stand in place of its numbers, as in sine+0.25")


class Setting(BaseModel):
    """One declared setting."""

    name: str
    section: str
    heading: str = Field(description="what it stands under on a page, such as 'Rates and length'")
    group: str = Field(description="finer than the heading; may be empty")
    level: str = Field(description='"basic" or "advanced"')
    label: str
    help: str
    kind: str = Field(description='"bool", "int", "float", "str", "list" (of ``item``) or "object"')
    item: str | None
    optional: bool = Field(description="whether it may be empty (null)")
    default: Any
    low: float | None = Field(description="smallest value, in the setting's own unit")
    high: float | None
    slider: list[float] | None = Field(description="lowest and highest value to slide between, and the step")
    step: float | None = Field(description="what an arrow of a number field adds; null leaves it to the page")
    blocks: BlockRow | None = Field(description="null where the value is no list of blocks")
    choices: list[str]
    separator: str = Field(description="between the items of a list that is given as one text")
    off: float | None = Field(description="a number that means the same as empty")
    metadata_key: str = Field(description="key of its value in the metadata of a LoRA file; may be empty")
    used_when: UsedWhen | None


class SettingList(BaseModel):
    """All settings that there are, in declared order."""

    settings: list[Setting]


class Card(BaseModel):
    """What a preset would be for a version's pictures on the loaded model; figures are null where nobody can tell."""

    name: str
    title: str
    about: str
    family: str
    fits: bool | None = Field(description="whether it was made for such models; elsewhere the resolution is theirs")
    supposed: bool = Field(description="whether 20 pictures of 10 repeats are supposed, for there are none yet")
    pictures: int | None
    resolution: tuple[int, int] | None = Field(description="width and height in pixels")
    steps: int | None
    epochs: int | None
    saves: int | None = Field(description="checkpoints that will be written")
    checkpoint_bytes: int | None
    memory_bytes: int | None = Field(description="on the device, while training; an estimate")
    seconds: float | None = Field(description="from the first step to the last")
    seconds_are: str | None = Field(description='"measured" by an earlier run of this kind, or "estimated"')
    problems: list[Problem]


class CardList(BaseModel):
    """A card for each preset."""

    presets: list[Card]


class Difference(BaseModel):
    """A setting that is not as its preset has it, both values as text."""

    setting: str
    preset: str
    now: str
    value: Any = Field(description="the preset's value, as a change that goes back to it")


class Settings(BaseModel):
    """The settings of a version."""

    revision: int = Field(description="grows with every change")
    preset: str = Field(description="name of the preset that was taken; may be empty")
    about: str = Field(description="what that preset is good for")
    reasons: dict[str, str] = Field(description="why that preset has a setting as it has it, by name")
    values: dict[str, Any] = Field(description="by name")
    drafts: dict[str, Any] = Field(description="what was typed and cannot be used yet, by name")
    problems: list[Problem]
    differs: list[Difference] = Field(
        description="what is not as in the preset, or in the defaults where there is none"
    )


class Changes(RequestBody):
    """Settings to change; the others stay as they are. A value that cannot be used is kept as a draft."""

    changes: dict[str, Any]


class PresetChoice(RequestBody):
    """A preset to take: its settings are written over the present ones."""

    preset: StrictStr


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of settings."""

    @routes.get("/settings")
    def all_settings() -> SettingList:
        """Every setting with its kind, limits and help: what a form is drawn from."""
        return SettingList(settings=[Setting(**one) for one in declared_settings()])

    @routes.get("/presets/cards")
    def preset_cards() -> CardList:
        """What each preset would be for 20 pictures of 10 repeats on the loaded model, before there is a project."""
        return CardList(presets=[Card(**one) for one in session.cards.supposed()])

    @routes.get(VERSION + "/settings")
    def version_settings(project: str, version: str) -> Settings:
        """The settings of a version, and what is wrong with some."""
        return Settings(**session.kept.read(project, version))

    @routes.patch(VERSION + "/settings")
    def change_settings(project: str, version: str, body: Changes) -> Settings:
        """Change some settings; two windows that change different ones disturb each other not."""
        return Settings(**session.kept.keep(project, version, body.changes))

    @routes.get(VERSION + "/presets")
    def version_presets(project: str, version: str) -> CardList:
        """What each preset would be here: steps, time and memory; nothing is written."""
        return CardList(presets=[Card(**one) for one in session.cards.of(project, version)])

    @routes.put(VERSION + "/settings/preset")
    def take_preset(project: str, version: str, body: PresetChoice) -> Settings:
        """Put a preset's settings over the present ones; "defaults" resets all but folders and prompts."""
        session.kept.take_preset(project, version, body.preset)
        return Settings(**session.kept.read(project, version))
