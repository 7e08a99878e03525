"""Tools on LoRA files: which files there are, and what is in them."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictStr

from lib_train.api.v1.checkpoints import Facts
from lib_train.api.v1.models import VERSION, RequestBody
from lib_train.api.v1.settings import Setting
from lib_train.api.v1.works import Work
from lib_train.app.tool_runs import Wish

if TYPE_CHECKING:
    from lib_train.app.session import Session


class LoraFile(BaseModel):
    """A file to choose."""

    file: str = Field(description="names it in requests; a path of the machine may stand there too")
    name: str
    group: str = Field(description='"version" that was named, other "projects", or "host": of its LoRA folder')
    where: str = Field(description="project and version, or folder")
    bytes: int


class LoraFileList(BaseModel):
    """LoRA files."""

    files: list[LoraFile]


class LoraFacts(Facts):
    """What is in any LoRA file, from its header."""

    file: str
    spelling: str = Field(description="whose names the layers have, such as kohya's")
    spelling_text: Any = None
    strange: list[str] = Field(description="layers of another kind than most")
    others: list[str] = Field(description="tensors that belong to no layer")
    bundled: list[str] = Field(description="embeddings in the file")
    needs_base: bool = Field(description="whether tools reckon with it on its base model's weights alone: DoRA, (IA)3")
    read_otherwise: list[str] = Field(description="what the WebUI reads otherwise than it was trained")
    read_otherwise_text: list[Any] = []


class Hashes(BaseModel):
    """Of a file's bytes."""

    sha256: str
    webui: str = Field(description="of all behind the header; the WebUI and Civitai show its beginning (AutoV3)")


class BlockNorm(BaseModel):
    """How much a file changes a block."""

    block: str = Field(
        description='as block weights call it, such as "IN04"; "BASE" are the text encoders, "" the rest'
    )
    layers: int
    norm: float | None = Field(description="of all that it adds to the weights; null where the base model is needed")


class NormList(BaseModel):
    """All blocks of the model, in order."""

    blocks: list[BlockNorm]


class Like(BaseModel):
    """Settings that a file was trained with."""

    settings: dict[str, Any] = Field(description="by name; they can be used together")
    notes: list[str] = Field(description="on what could not be read, or has no effect here")
    notes_text: list[Any] = []


class Tool(BaseModel):
    """A tool that makes a new LoRA file of others."""

    name: str
    settings: list[Setting]


class ToolList(BaseModel):
    """All tools."""

    tools: list[Tool]
    base_models: list[str] = Field(description="titles of the host's")


class ToolWish(RequestBody):
    """A new LoRA file to make. No file is written over."""

    files: list[StrictStr] = Field(
        description="that it is made of, as /tools/files names them; of extract titles or paths of two base models"
    )
    tool_settings: dict[str, Any] = Field({}, description="of the tool, by name")
    place: StrictStr = Field("beside", description='"beside" the first file, "version" or "host": its LoRA folder')
    name: StrictStr = Field(description="of the new file")
    into: StrictStr = Field("", description="merge: title or path of a base model; a copy of it gets the LoRAs in it")
    base: StrictStr = Field(
        "",
        description="resize, blocks, merge: title or path of the base model of files with needs_base; empty is the "
        "version's",
    )
    cover: StrictBool = Field(False, description="convert: whether the file's newest preview becomes its picture")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of tools."""

    @routes.get("/tools")
    def tools() -> ToolList:
        """Every tool with its settings."""
        return ToolList(
            tools=[Tool(**one) for one in session.tools.declared()],
            base_models=[ref.title for ref in session.host.base_models()],
        )

    @routes.post(VERSION + "/tools/{tool}", status_code=202)
    def carry_out(project: str, version: str, tool: str, body: ToolWish) -> Work:
        """Begin to make a new file of others; its result has ``before`` and ``after``, see works."""
        facts = body.dict()
        wish = Wish(settings=facts.pop("tool_settings"), **facts)
        return Work(**session.tools.start(project, version, tool, wish))

    @routes.get("/tools/files")
    def files(project: str = "", version: str = "") -> LoraFileList:
        """Checkpoints of the version, of the other ones, and the host's LoRA files; newest first."""
        return LoraFileList(files=[LoraFile(**one) for one in session.lora_files.listed(project, version)])

    @routes.get("/tools/inspect")
    def inspect(file: str) -> LoraFacts:
        """Kind, ranks, trigger words, tags and settings of a file."""
        return LoraFacts(**session.lora_files.facts(file))

    @routes.get("/tools/hashes")
    def hashes(file: str) -> Hashes:
        """By which others know a file; it is read as a whole."""
        return Hashes(**session.lora_files.hashes(file))

    @routes.get("/tools/norms")
    def norms(file: str) -> NormList:
        """How much a file changes each block of its model; it is read as a whole."""
        return NormList(blocks=[BlockNorm(**one) for one in session.lora_files.norms(file)])

    @routes.get("/tools/like")
    def like(file: str) -> Like:
        """Settings that a file was trained with, as far as it tells them; nothing is changed."""
        return Like(**session.lora_files.like(file))
