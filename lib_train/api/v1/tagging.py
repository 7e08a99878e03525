"""Taggers, and what one of them said of a version's pictures."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StrictInt, StrictStr

from lib_train.api.v1.edits import Chosen, Edit, Example
from lib_train.api.v1.models import VERSION, Done, RequestBody, Text
from lib_train.api.v1.settings import Setting

if TYPE_CHECKING:
    from lib_train.app.session import Session

_MOST = 1000


class HostTagger(BaseModel):
    """A tagger that the host brings."""

    name: str = Field(description="for the setting ``tagger``")
    title: str
    makes: str = Field(description='"tags" or "sentence"')
    missing: str = Field(description="which file it lacks, and where that belongs; empty when it can be used")
    missing_text: Text | None = None


class FoundTagger(BaseModel):
    """A tagger that lies in one of the folders."""

    name: str = Field(description="for the setting ``model``")
    kind: str = Field(description='"wd", "cl" or "joytag"')
    model: str = Field(description="its file")
    missing: str = Field(description="which package it needs; empty when that is installed")
    missing_text: Text | None = None
    usual_threshold: float = Field(description="that counts where ``general_threshold`` is null")


class PublishedFile(BaseModel):
    """A file of a published tagger."""

    name: str
    url: str


class PublishedTagger(BaseModel):
    """A tagger that can be fetched, by hand too."""

    name: str
    kind: str
    about: str
    about_text: Text | None = None
    megabytes: int = Field(description="of all its files, about")
    files: list[PublishedFile]


class Taggers(BaseModel):
    """Which taggers there are."""

    host: list[HostTagger]
    found: list[FoundTagger]
    published: list[PublishedTagger]
    folder: str = Field(description="that one is fetched to; empty where nobody says")
    settings: list[Setting] = Field(description="what a tagger is told; see ``tagging`` of a new job")


class Which(Chosen):
    """Some pictures, and how they would be tagged."""

    tagging: dict[str, Any] = Field({}, description="of what a tagger is told, the mode counts")


class Count(BaseModel):
    """How many pictures a tagger would see."""

    pictures: int
    chosen: int = Field(description="those that filter and ids mean, whatever the mode")


class Fetch(RequestBody):
    """A published tagger to fetch."""

    name: StrictStr
    tagger_folder: StrictStr = Field("", description="to put it into; empty is the host's own")


class ComingTag(BaseModel):
    """A tag that captions would get."""

    tag: str
    pictures: int = Field(description="whose captions get it")


class Proposal(BaseModel):
    """What would be written."""

    number: int = Field(description="to accept it by")
    tagger: str
    mode: str
    label: str
    label_text: Text | None = None
    pictures: int = Field(description="that the tagger saw")
    captions: int = Field(description="that would change")
    added: int = Field(description="tags")
    removed: int = Field(description="tags")
    stopped: bool = Field(description="whether pictures are missing because it was stopped")
    refused: list[str] = Field(description="a sentence for each picture that could not be opened")
    refused_text: list[Text | None] = []
    unreadable: list[str] = Field(description="pictures whose caption files are no text, and stay as they are")
    makes: str = Field(description='"tags" or "sentence"')
    usual_threshold: float = Field(description="that counts where ``general_threshold`` is null")
    settings: dict[str, Any] = Field(description="that it was made with, by name")
    kinds: int = Field(description="how many different tags come")
    tags: list[ComingTag] = Field(description="the most frequent of them")
    changes: list[Example] = Field(description="captions that change, from ``offset`` on")


class Accept(RequestBody):
    """Which proposal."""

    number: StrictInt


class Change(Accept):
    """How it is to be made otherwise."""

    settings: dict[str, Any] = Field(description="thresholds, tags to leave out and the like, by name; see /taggers")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of taggers."""

    @routes.get("/taggers")
    def taggers(tagger_folder: str = "") -> Taggers:
        """The host's taggers, those that were found, and those that can be fetched."""
        return Taggers(**session.taggers.listed({"tagger_folder": tagger_folder}))

    @routes.post("/taggers/fetch", status_code=202)
    def fetch_tagger(body: Fetch) -> Done:
        """Begin to fetch a published tagger, as a job."""
        session.taggers.fetch(body.name, {"tagger_folder": body.tagger_folder})
        return Done()

    @routes.post(VERSION + "/tagging/count")
    def count(project: str, version: str, body: Which) -> Count:
        """How many pictures would be tagged; nothing is begun."""
        return Count(**session.tagging.count(project, version, body.tagging, body.filter, body.ids))

    @routes.get(VERSION + "/tagging")
    def proposal(
        project: str, version: str, offset: int = Query(0, ge=0), limit: int = Query(100, ge=0, le=_MOST)
    ) -> Proposal:
        """What the last tagging of the version would write."""
        return Proposal(**session.tagging.proposal(project, version, offset, limit))

    @routes.patch(VERSION + "/tagging")
    def change(project: str, version: str, body: Change) -> Proposal:
        """Make it otherwise of what the tagger said, without tagging anew; it has another number then."""
        return Proposal(**session.tagging.change(project, version, body.number, body.settings))

    @routes.post(VERSION + "/tagging/accept")
    def accept(project: str, version: str, body: Accept) -> Edit:
        """Write it, as one edit that can be undone."""
        return Edit(**session.tagging.accept(project, version, body.number))

    @routes.delete(VERSION + "/tagging")
    def discard(project: str, version: str) -> Done:
        """Forget it."""
        session.tagging.discard(project, version)
        return Done()
