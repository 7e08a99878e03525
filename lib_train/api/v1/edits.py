"""Batch edits of captions, tags, and undo."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr

from lib_train.api.v1.models import VERSION, RequestBody, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session

_MOST = 10_000


class CaptionStep(RequestBody):
    """One step; which names it takes depends on what it does."""

    do: StrictStr = Field(description="add, remove, replace, sort, front, dedupe, underscores, case or separators")
    tags: list[StrictStr] | None = Field(None, description="add, remove, front: these")
    last: StrictBool | None = Field(None, description="add: behind the others instead of before them")
    find: StrictStr | None = Field(None, description="replace: a tag, an expression or text")
    to: StrictStr | None = Field(
        None,
        description="replace: with what, groups as \\1; underscores: spaces or underscores; case: lower, upper, first",
    )
    regex: StrictBool | None = Field(None, description="replace: whether find is a regular expression")
    text: StrictBool | None = Field(None, description="replace: in the whole line, as in sentences; else tag by tag")
    ignore_case: StrictBool | None = Field(None, description="replace: expressions and text in any case")
    by: StrictStr | None = Field(None, description="sort: frequency or name")
    of: StrictStr | None = Field(None, description="separators: signs to translate")


class Chosen(RequestBody):
    """Some pictures: those that a filter means, and of these the ones with such ids.

    Without ids they are training pictures; ``is:reg`` and ``is:left_out`` in the filter mean the others.
    """

    filter: StrictStr = Field("", description='such as blue_eyes -hat "long hair" folder:10_mochi')
    ids: list[StrictInt] | None = None


class CaptionEdit(Chosen):
    """Steps on the captions of some pictures."""

    steps: list[CaptionStep]
    all_lines: StrictBool = Field(False, description="whether lines below the first, which is trained, are edited too")


class Counted(BaseModel):
    """What a step would do."""

    what: str
    what_text: Text | None = None
    captions: int = Field(description="that it changes")


class Example(BaseModel):
    """A caption before and after."""

    id: int
    name: str = Field(description="of the picture's file")
    before: str
    after: str


class EditPreview(BaseModel):
    """What an edit would do."""

    pictures: int = Field(description="that were chosen")
    captions: int = Field(description="that change")
    steps: list[Counted]
    unreadable: list[str] = Field(description="pictures whose caption files are no text, and stay as they are")
    examples: list[Example]


class Edit(BaseModel):
    """What was done in one step of a person."""

    number: int = Field(description="for undo; 0 where there was nothing to do")
    label: str
    label_text: Text | None = None
    time: float = Field(description="seconds since 1970")
    counts: dict[str, int] = Field(description="files changed, moved, made")
    undone: bool
    half: bool = Field(description="its process was killed in the middle of it; undo or redo completes it")
    left: list[str] = Field(description="files that were left as they are, each with the reason")
    left_text: list[Text | None] = []


class Edits(BaseModel):
    """A part of the edits, newest first."""

    total: int
    edits: list[Edit]
    redo: Edit | None = Field(description="the one that redo would do again or complete; a new edit ends that")


class Undone(BaseModel):
    """What came back."""

    edit: Edit
    files: int
    left: list[str] = Field(description="files that were left as they are, each with the reason")
    left_text: list[Text | None] = []


class Undo(RequestBody):
    """Which edit."""

    number: StrictInt | None = Field(None, description="null is the last one")


class Redo(RequestBody):
    """Which edit."""

    number: StrictInt | None = Field(
        None, description="refused where another one would be done again; null is that one"
    )


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of edits."""

    @routes.post(VERSION + "/captions/preview")
    def preview(project: str, version: str, body: CaptionEdit) -> EditPreview:
        """What an edit of captions would do, with counts and examples; nothing is written."""
        return EditPreview(**session.editing(project, version).preview(**_told(body)))

    @routes.post(VERSION + "/captions/edit")
    def edit(project: str, version: str, body: CaptionEdit) -> Edit:
        """Edit captions; all of it is undone in one step."""
        return Edit(**session.editing(project, version).edit(**_told(body)))

    @routes.get(VERSION + "/edits")
    def edits(
        project: str, version: str, offset: int = Query(0, ge=0), limit: int = Query(100, ge=0, le=_MOST)
    ) -> Edits:
        """What was done with pictures and captions, newest first."""
        return Edits(**session.editing(project, version).known(offset, limit))

    @routes.post(VERSION + "/edits/undo")
    def undo(project: str, version: str, body: Undo | None = None) -> Undone:
        """Take an edit back. Files that somebody changed since are left and named."""
        return Undone(**session.editing(project, version).undo(body.number if body else None))

    @routes.post(VERSION + "/edits/redo")
    def redo(project: str, version: str, body: Redo | None = None) -> Undone:
        """Do the edit again that was undone last, or complete one that was killed."""
        return Undone(**session.editing(project, version).redo(body.number if body else None))


def _told(body: CaptionEdit) -> dict[str, Any]:
    steps = [step.dict(exclude_unset=True) for step in body.steps]
    return {"steps": steps, "filter": body.filter, "ids": body.ids, "all_lines": body.all_lines}
