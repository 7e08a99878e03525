"""Regularisation pictures that the host makes from a class prompt. The job that does it is of kind ``regularise``."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lib_train.api.v1.models import VERSION, RequestBody
from lib_train.api.v1.settings import Setting

if TYPE_CHECKING:
    from lib_train.app.session import Session


class Wished(BaseModel):
    """What can be wished."""

    settings: list[Setting] = Field(description="see ``regularisation`` of a new job")
    values: dict[str, Any] = Field(description="wished last, or else as the version's previews are made")
    wildcards: list[str] = Field(description="names that may stand between two underscores on each side")


class Wish(RequestBody):
    """Which pictures."""

    settings: dict[str, Any] = Field({}, description="by name; what is left out is as for the version's previews")


class OfSize(BaseModel):
    """Pictures of one size."""

    width: int = Field(description="pixels")
    height: int = Field(description="pixels")
    pictures: int


class Prompted(BaseModel):
    """A picture that would be made."""

    seed: int
    prompt: str
    caption: str


class WouldMake(BaseModel):
    """What the job would make."""

    folder: str = Field(description="its name, <repeats>_<class>")
    pictures: int = Field(description="in all")
    missing: int = Field(description="of them; the others are there, or were taken out")
    sizes: list[OfSize] = Field(description="of those that are missing, the most common first")
    examples: list[Prompted] = Field(description="the first of them")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of regularisation pictures."""

    @routes.get(VERSION + "/regularisation")
    def wished(project: str, version: str) -> Wished:
        """What can be wished, and what was wished last."""
        return Wished(**session.regularisation.described(project, version))

    @routes.post(VERSION + "/regularisation/preview")
    def would_make(project: str, version: str, body: Wish) -> WouldMake:
        """What the job would make; nothing is."""
        return WouldMake(**session.regularisation.preview(project, version, body.settings))
