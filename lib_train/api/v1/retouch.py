"""Crops, turns, sizes and masks of pictures. Each is one edit that can be undone; originals stay as they are."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import Response
from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from lib_train.api.v1.edits import Chosen, Edit
from lib_train.api.v1.models import VERSION
from lib_train.api.v1.works import Work

if TYPE_CHECKING:
    from lib_train.app.session import Session

_Number = StrictFloat | StrictInt
_PICTURES = VERSION + "/pictures"


class Retouch(Chosen):
    """Which pictures, and what becomes of them and of the captions."""

    tagged: StrictBool = Field(False, description='whether captions are told what was done: "cropped", "portrait"')
    tags: list[StrictStr] = Field([], description="put at the end of the new captions")
    take_out: StrictBool = Field(False, description="whether the originals are taken out")
    dry_run: StrictBool = Field(False, description="whether it is only counted")


class Crop(Retouch):
    """A part of each: a box, what a detector finds, or what draws the eye where neither is told."""

    box: list[_Number] = Field([], description="left, top, right and bottom as shares of the picture")
    detector: StrictStr = Field("", description='"face", "cat", or the path of an ONNX file of YOLOv8\'s layout')
    margin: _Number = Field(0.1, description="around what was found, as a share of its sides")
    share: _Number = Field(0.7, description="about what draws the eye: of the largest crop's sides")
    held: StrictBool = Field(False, description="whether results have the proportions of the training size")


class Split(Retouch):
    """Head, upper body and whole person."""

    parts: list[StrictStr] = Field(["head", "upper", "whole"], description="any of these")
    detector: StrictStr = Field("face", description="as for a crop")
    held: StrictBool = Field(False, description="as for a crop")


class Rotate(Retouch):
    """A turn."""

    degrees: StrictInt = Field(90, description="clockwise: 90, 180 or 270")


class Pad(Retouch):
    """The whole picture in the proportions of the training size."""

    color: StrictStr = Field("#ffffff", description="of what is added")


class Enlarge(Retouch):
    """Larger pictures."""

    factor: _Number | None = Field(None, description="null is up to the training size, where a picture is smaller")
    upscaler: StrictStr = Field("", description="one of the host's; empty is Lanczos")


class Reduce(Retouch):
    """Smaller copies."""

    factor: _Number = Field(0.5, description="of width and height")


class Background(Retouch):
    """A colour instead of what is transparent, or of all that is not what a picture shows."""

    color: StrictStr = Field("#ffffff", description='or "transparent", where something is cut out')
    cut_out: StrictStr = Field(
        "",
        description='a model of rembg, such as "u2net" or "isnet-anime", or a file called so; empty cuts nothing out',
    )


class PersonAndHead(Retouch):
    """Of each photo the whole person for regularisation, and the head, at the training size, for training."""

    name: StrictStr = Field("person", description="of the folder 1_<name> of regularisation pictures")
    detector: StrictStr = Field("face", description="as for a crop; one of bodies too frames the whole person")
    upscaler: StrictStr = ""


class Multiply(Retouch):
    """Many pictures of a few: nearer and nearer, enlarged to the training size, and mirrored."""

    count: StrictInt = Field(20, description="pictures in all, the originals among them")
    detector: StrictStr = Field("", description="what the crops are about; empty is what draws the eye")
    upscaler: StrictStr = ""


class Masks(Chosen):
    """Masks to make."""

    source: StrictStr = Field(
        description='"alpha", "box", "detector", "files", "invert" the present ones, or "none" takes away'
    )
    folder: StrictStr = Field("", description="of mask files that are called as their pictures")
    box: list[_Number] = Field([], description="as for a crop")
    detector: StrictStr = Field("", description="as for a crop")
    margin: _Number = Field(0.1, description="as for a crop")


_ACTIONS: dict[str, type[Retouch]] = {
    "crop": Crop, "split": Split, "rotate": Rotate, "mirror": Retouch, "pad": Pad, "enlarge": Enlarge,
    "reduce": Reduce, "background": Background, "person": PersonAndHead, "multiply": Multiply,
}  # fmt: skip
"""Paths below pictures, and what each asks for."""


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of retouching."""
    for action, kind in _ACTIONS.items():
        _add_action(routes, session, action, kind)

    @routes.post(_PICTURES + "/masks", status_code=202)
    def make_masks(project: str, version: str, body: Masks) -> Work:
        """Write the masks of some pictures."""
        return Work(**session.make_masks(project, version, **body.dict()))

    @routes.get(_PICTURES + "/{id}/mask", response_class=Response)
    def mask(project: str, version: str, id: int) -> Response:
        """A picture's mask as a grey PNG of the picture's size."""
        return Response(session.masks(project, version).png(id), media_type="image/png")

    @routes.put(_PICTURES + "/{id}/mask")
    def paint_mask(project: str, version: str, id: int, mask: UploadFile = File(...)) -> Edit:
        """Write a picture's mask, from a picture file of its proportions; white is learned."""
        return Edit(**session.masks(project, version).paint(id, mask.file.read()))


def _add_action(routes: APIRouter, session: "Session", action: str, kind: type[Retouch]) -> None:
    def retouch(project: str, version: str, body: Any) -> Work:
        told = body.dict(exclude={"filter", "ids", "dry_run"})
        return Work(**session.retouch(project, version, action, told, body.filter, body.ids, body.dry_run))

    retouch.__name__, retouch.__doc__ = f"{action}_pictures", kind.__doc__
    retouch.__annotations__["body"] = kind
    routes.post(f"{_PICTURES}/{action}", status_code=202)(retouch)
