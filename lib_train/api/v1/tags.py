"""The tags of captions, and which of them belong to a character."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StrictBool, StrictStr

from lib_train.api.v1.edits import Chosen, Edit, Example
from lib_train.api.v1.models import VERSION

if TYPE_CHECKING:
    from lib_train.app.session import Session

_MOST = 10_000
_BESIDE = Query([], description="count tags that come together with all of these")


class TagCount(BaseModel):
    """How many pictures have a tag."""

    tag: str
    pictures: int


class UsedTag(TagCount):
    """The same, of a tag that captions have."""

    used: bool = Field(description="whether keep_tags and drop_tags let a run use it")


class Tags(BaseModel):
    """A part of the tags, the most frequent first."""

    pictures: int = Field(description="that were looked at")
    total: int = Field(description="tags")
    once: int = Field(description="tags that one picture alone has")
    tags: list[UsedTag]
    keep_tags: list[TagCount] = Field(description="of the setting, also those of no picture")
    drop_tags: list[TagCount]


class Completion(TagCount):
    """A tag that somebody may be writing."""

    posts: int = Field(description="on the site that a tag list was made from; 0 for tags of the captions")
    alias: str = Field(description="by which a tag list knows it; empty where its own name begins so")


class Completions(BaseModel):
    """Those that fit, of the captions first."""

    tags: list[Completion]


class Proposal(TagCount):
    """A common tag to decide on."""

    share: float = Field(description="of the captioned pictures, 0 to 1")
    belongs: bool = Field(description="chosen, or proposed, to belong to the character; else it stays")


class Binding(BaseModel):
    """A choice that was made."""

    folders: list[str] = Field(description="names of the folders that it holds for")
    trigger: str
    character: list[str] = Field(description="tags that the trigger word takes over")
    free: list[str] = Field(description="common tags that stay")


class Proposals(BaseModel):
    """Common tags, and what was chosen before."""

    pictures: int
    captioned: int = Field(description="of the pictures, those with a caption that is not empty")
    folders: list[str]
    trigger: str
    tags: list[Proposal]
    captions: int = Field(description="that would change with what is proposed")
    example: Example | None
    bindings: list[Binding]
    waiting: int = Field(description="captions that came after a choice and do not follow it yet")


class BindingPreview(BaseModel):
    """What a choice would write."""

    pictures: int = Field(description="that were chosen")
    captions: int = Field(description="that change")
    example: Example | None


class ToPropose(Chosen):
    """Pictures whose common tags are asked for."""

    trigger: StrictStr = ""


class NewBinding(Chosen):
    """A choice to write."""

    trigger: StrictStr = ""
    character: list[StrictStr] = Field([], description="tags that the trigger word takes over")
    stays: list[StrictStr] = Field([], description="common tags that stay, to be remembered")
    again: StrictBool = Field(False, description="instead of a new choice, do the earlier ones to captions that wait")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of tags."""

    @routes.get(VERSION + "/tags")
    def tags(
        project: str,
        version: str,
        filter: str = "",
        beside: list[str] = _BESIDE,
        offset: int = Query(0, ge=0),
        limit: int = Query(1000, ge=0, le=_MOST),
    ) -> Tags:
        """The tags of the pictures that a filter means, with the number of pictures that have each."""
        found = session.editing(project, version).tags(filter, beside)
        return Tags(**{**found, "tags": found["tags"][offset : offset + limit]})

    @routes.get(VERSION + "/tags/completions")
    def completions(
        project: str,
        version: str,
        prefix: str = Query("", max_length=200, description="how a tag begins; empty gives the most frequent"),
        limit: int = Query(20, ge=1, le=100),
    ) -> Completions:
        """Tags of the captions that begin so, and those of the tag list that the WebUI completes prompts from."""
        return Completions(**session.writing.completions(project, version, prefix, limit))

    @routes.get(VERSION + "/binding")
    def proposed(project: str, version: str, filter: str = "", trigger: str = "") -> Proposals:
        """Tags that at least 60 % of the captioned pictures have, each to belong to the character or to stay."""
        return Proposals(**session.bindings(project, version).proposed(filter, None, trigger))

    @routes.post(VERSION + "/binding/proposals")
    def proposed_for(project: str, version: str, body: ToPropose) -> Proposals:
        """The same of chosen pictures; nothing is written."""
        return Proposals(**session.bindings(project, version).proposed(body.filter, body.ids, body.trigger))

    @routes.post(VERSION + "/binding/preview")
    def preview(project: str, version: str, body: NewBinding) -> BindingPreview:
        """What a choice would do to captions; nothing is written."""
        bindings = session.bindings(project, version)
        if body.again:
            return BindingPreview(**bindings.again(dry_run=True))
        told = (body.trigger, body.character, body.stays, body.filter, body.ids)
        return BindingPreview(**bindings.bind(*told, dry_run=True))

    @routes.post(VERSION + "/binding")
    def bind(project: str, version: str, body: NewBinding) -> Edit:
        """Take the character's tags out of captions, put the trigger word first, and remember it: one edit."""
        bindings = session.bindings(project, version)
        if body.again:
            return Edit(**bindings.again())
        return Edit(**bindings.bind(body.trigger, body.character, body.stays, body.filter, body.ids))
