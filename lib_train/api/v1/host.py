"""The program that Train Tools runs in, and what it offers."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lib_train.api.v1.models import Failed, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session


class MadeAs(BaseModel):
    """What txt2img last made a picture with."""

    key: str = Field(description="another one whenever anything beside the plain values is another")
    made_at: float = Field(description="seconds since 1970")
    prompt: str
    negative_prompt: str
    sampler: str = Field(description="with its schedule, as preview_sampler has it")
    steps: int
    cfg_scale: float
    width: int
    height: int
    clip_skip: int
    styles: list[str]
    hires: float = Field(description="how many times as large hires fix makes a picture; 0 is off")


class Host(BaseModel):
    """The program around us."""

    train_tools: str = Field(description="version of Train Tools")
    problem: str | None = Field(description="why nothing can be trained now")
    problem_text: Text | None = None
    base_model: str = Field(
        description="title of the checkpoint that is trained where none is named; empty without one"
    )
    device: str = Field(description='"cuda", "mps" or "cpu"')
    memory_bytes: int | None = Field(description="of the device in all; null where it has none of its own")
    samplers: list[str] = Field(description="that previews can be made with")
    upscalers: list[str] = Field(description="that pictures can be enlarged with")
    cut_outs: list[str] = Field(
        description="models of rembg that can cut out what pictures show; their files may be missing"
    )
    installs: bool = Field(description="whether checkpoints can be installed to a folder of LoRA files")
    outputs: bool = Field(description="whether pictures can be taken from the output folders of a WebUI")
    folders_may_be_chosen: bool = Field(description="whether settings may name folders outside of the output folder")
    txt2img: MadeAs | None = Field(description="what preview_like_txt2img goes by; null where there is nothing")


class InstalledCard(BaseModel):
    """A LoRA file of the host that is a checkpoint of a project."""

    name: str = Field(description="as prompts name it")
    project: str
    version: str
    checkpoint: str = Field(description="name of its file")


class InstalledCards(BaseModel):
    """All that there are."""

    cards: list[InstalledCard]


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of the host."""

    @routes.get("/host", responses={404: {"model": Failed}})
    def host() -> Host:
        """The checkpoint that is loaded, the device, and what keeps a training from starting."""
        return Host(**session.host_facts())

    @routes.get("/installed")
    def installed() -> InstalledCards:
        """Which LoRA files of the host are checkpoints of which projects, by their names."""
        return InstalledCards(cards=[InstalledCard(**one) for one in session.installed()])
