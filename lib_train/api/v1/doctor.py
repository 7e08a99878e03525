"""What is wrong with the pictures of a version, what helps, and pictures taken out and put back."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr

from lib_train.api.v1.models import VERSION, RequestBody, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session


class FoundPicture(BaseModel):
    """A picture that a finding concerns."""

    id: int
    name: str = Field(description="of the file")
    detail: str = Field(description="what there is to say of this one; may be empty")
    detail_text: Text | None = None


class Finding(BaseModel):
    """One thing that is wrong with some pictures."""

    code: str
    severity: str = Field(description='"error": a run is refused or worthless; "warning": it suffers; "note"')
    text: str = Field(description="what is wrong, with the count and an example")
    text_text: Text | None = None
    count: int = Field(description="of the pictures; of those that are alike, the ones to take out")
    filter: str = Field(description="selects them; empty where there are none")
    remedies: list[str] = Field(
        description="what helps, the best first; take_out, dedupe, add_trigger, plain and recode are done here"
    )
    examples: list[FoundPicture]


class WholeFinding(Finding):
    """The same with all its pictures."""

    pictures: list[FoundPicture]
    groups: list[list[int]] = Field(description="ids of pictures that are alike, the one to keep first")


class Findings(BaseModel):
    """What is wrong, the worst first."""

    files: int = Field(description="all picture files")
    left_out: int = Field(description="those of them that were taken out")
    measured: int = Field(description="those that were looked at; the others are, in the background")
    findings: list[Finding]


class WrongHere(BaseModel):
    """One thing that is wrong with a picture."""

    code: str
    severity: str = Field(description="as a finding's")
    detail: str = Field(description="what there is to say of this picture; may be empty")
    detail_text: Text | None = None


class WrongPicture(BaseModel):
    """A picture with what is wrong with it, the worst first."""

    id: int
    findings: list[WrongHere]


class WrongPictures(BaseModel):
    """Those of the pictures that were asked for with which something is wrong."""

    pictures: list[WrongPicture]


class These(RequestBody):
    """Pictures that a page shows."""

    ids: list[StrictInt]


class Some(RequestBody):
    """Some pictures: those that a filter means, and of these the ones with such ids; all where neither is told."""

    filter: StrictStr = Field("", description='such as blue_eyes -hat "long hair" problem:duplicate')
    ids: list[StrictInt] | None = None
    dry_run: StrictBool = Field(False, description="say what would be done, and write nothing")


class Remedy(RequestBody):
    """What is to be done against a finding."""

    remedy: StrictStr = Field("", description="one of the finding's; empty is the best of those that are done here")
    ids: list[StrictInt] | None = Field(None, description="some of its pictures; null is all")
    dry_run: StrictBool = Field(False, description="say what would be done, and write nothing")


class Treated(BaseModel):
    """What was done, or would be."""

    label: str = Field(description="in words; empty where there was nothing to do")
    label_text: Text | None = None
    pictures: int = Field(description="that it concerns")
    examples: list[str] = Field(description="names of some")
    edit: int | None = Field(description="its number, for undo; null where nothing was written")
    left: list[str] = Field(description="files that were left as they are, each with the reason")
    left_text: list[Text | None] = []


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of the doctor."""

    @routes.get(VERSION + "/doctor")
    def findings(project: str, version: str) -> Findings:
        """What is wrong with the pictures and captions that the version's settings train on."""
        return Findings(**session.practice.findings(project, version))

    @routes.post(VERSION + "/doctor/pictures")
    def wrong_with(project: str, version: str, body: These) -> WrongPictures:
        """What is wrong with each of some pictures; nothing is written."""
        return WrongPictures(**session.practice.wrong_with(project, version, body.ids))

    @routes.get(VERSION + "/doctor/{code}")
    def finding(project: str, version: str, code: str) -> WholeFinding:
        """One finding with all its pictures; without any where nothing is wrong in this way."""
        return WholeFinding(**session.practice.finding(project, version, code))

    @routes.post(VERSION + "/doctor/{code}/remedy")
    def remedy(project: str, version: str, code: str, body: Remedy) -> Treated:
        """Do what helps against a finding, as one edit that can be undone."""
        done = session.practice.treat(project, version, code, body.remedy, body.ids, dry_run=body.dry_run)
        return Treated(**done)

    @routes.post(VERSION + "/pictures/take-out")
    def take_out(project: str, version: str, body: Some) -> Treated:
        """Move pictures and their captions out of the training; nothing is deleted, and it can be undone."""
        return Treated(**session.practice.take_out(project, version, body.filter, body.ids, dry_run=body.dry_run))

    @routes.post(VERSION + "/pictures/put-back")
    def put_back(project: str, version: str, body: Some) -> Treated:
        """Move pictures that were taken out, and their captions, back into their folders."""
        return Treated(**session.practice.put_back(project, version, body.filter, body.ids, dry_run=body.dry_run))
