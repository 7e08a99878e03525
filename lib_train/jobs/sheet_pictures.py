"""Pictures of sheets: made on a borrowed model, or found where they are there already."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from lib_train.checkpoints.opened import read_header
from lib_train.files import write_whole
from lib_train.host.protocol import BaseModel, BaseModelRef, Host, PictureRequest
from lib_train.jobs.known_pictures import is_picture, known_in, mark_of_request, with_mark
from lib_train.jobs.listener import Listener
from lib_train.jobs.weighted import weighted_files
from lib_train.lora_tools.block_lists import block_of_layer, block_weights, for_prompts, presets_of
from lib_train.network_kinds import layers_of
from lib_train.previews.grid import grid, save_png
from lib_train.previews.requests import Sheet, WeightedFile, distinct
from lib_train.previews.told import KEY, text_to_tell
from lib_train.store.projects import Version

BASE = "base"
"""Folder of pictures that show the base model alone."""
Timed = Callable[[PictureRequest, float], None]
"""Is told of each picture that was made, and of the seconds that it took."""


class Shown(NamedTuple):
    """A picture of a sheet."""

    request: PictureRequest
    picture: Image.Image
    path: Path


class Marked(NamedTuple):
    """Which files pictures are drawn from, and by which marks they are known."""

    ref: BaseModelRef | None
    files: Mapping[Path, Path | None]
    """By ``WeightedFile.file``; None where weights of blocks leave nothing."""

    def given(self, request: PictureRequest) -> PictureRequest:
        """What a host is asked for."""
        return replace(request, network=self.files[request.network]) if request.network else request

    def there(self, version: Version, sheet: Sheet) -> dict[PictureRequest, Path]:
        """Pictures of a sheet that were made of the same request and the same files."""
        marks = self.marks(sheet)
        owners = {one: owner_of(sheet, one) for one in marks}
        known = {owner: known_in(version.inside("previews", owner)) for owner in set(owners.values())}
        found = {one: known[owners[one]].get(mark) for one, mark in marks.items()}
        return {one: path for one, path in found.items() if path and is_picture(path)}

    def marks(self, sheet: Sheet) -> dict[PictureRequest, str]:
        """By which the sheet's pictures are known; none where the base model is no file."""
        return {one: mark_of_request(self.ref, self.given(one)) for one in distinct(sheet)} if self.ref else {}


def told_there(version: Version, sheet: Sheet, base: str) -> dict[PictureRequest, Path]:
    """Pictures of a sheet by what they tell of themselves: no file with weights of blocks has to be made for it.

    Args:
        base: title of the base model.
    """
    owners = {one: owner_of(sheet, one) for one in distinct(sheet)}
    known = {owner: known_in(version.inside("previews", owner), KEY) for owner in set(owners.values())}
    found = {one: known[owner].get(told_of(sheet, one, base)) for one, owner in owners.items()}
    return {one: path for one, path in found.items() if path}


def told_of(sheet: Sheet, request: PictureRequest, base: str) -> str:
    """What the PNG of a picture tells; see ``told.text_to_tell``."""
    one = sheet.file_of(request)
    return text_to_tell(request, base, *((one.network.stem, one.blocks) if one else ("", "")))


@contextmanager
def marked(
    host: Host, version: Version, sheets: Sequence[Sheet], ref: BaseModelRef | None, base: Path | None
) -> Iterator[Marked]:
    """Files with the weights of blocks that sheets name, for as long as it is entered.

    Args:
        base: file of the base model, for kinds of network that multiply or normalise its weights.

    Raises:
        TrainToolsError: weights cannot be used, a file cannot be read, or the disk is full.
    """
    wanted = list({one.file: one for sheet in sheets for one in sheet.files}.values())
    folder = version.part("cache") if any(one.blocks for one in wanted) else version.inside("cache")
    with weighted_files(wanted, folder, base, presets_of(host.block_presets())) as files:
        yield Marked(ref, files)


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Makes the pictures of sheets, and finds those that are there."""

    host: Host
    model: BaseModel
    listener: Listener
    version: Version
    marked: Marked
    tags: Mapping[Path, str | float]
    reuses: bool
    timed: Timed = lambda request, seconds: None

    def of(self, sheet: Sheet, part: str) -> Iterator[Shown]:
        """Each request's picture; fewer where the host wishes to stop.

        Args:
            part: of names of files that tells the sheet's pictures from those of others.
        """
        marks = self.marked.marks(sheet)
        there = self.marked.there(self.version, sheet) if self.reuses else {}
        wanted = [one for one in distinct(sheet) if one not in there]
        yield from (self._found(one, path, sheet, part) for one, path in there.items())
        rendered = self.host.render(self.model, [self.marked.given(one) for one in wanted])
        for request in wanted:
            began = time.monotonic()
            made = next(rendered, None)
            if made is None:
                return
            self.timed(request, time.monotonic() - began)
            path = self._save(*made, request, sheet, part, marks.get(request, ""))
            yield Shown(request, made[0], path)

    def _found(self, request: PictureRequest, path: Path, sheet: Sheet, part: str) -> Shown:
        """A picture that is there; what the page of checkpoints shows is under its own name, too."""
        owner, name = named(request, sheet, part, str(request.seed))
        if not sheet.names and not is_one_of(name)(path.stem):
            copy = fresh(self.version.part("previews", owner) / f"{name}.png")
            write_whole(copy, path.read_bytes())
            self.listener.file_written(copy)
            path = copy
        with Image.open(path) as picture:
            return Shown(request, picture.convert("RGB"), path)

    def _save(
        self, picture: Image.Image, text: Mapping[str, str], request: PictureRequest, sheet: Sheet, part: str, mark: str
    ) -> Path:
        owner, name = named(request, sheet, part, str(request.seed))
        text = {key: _as_prompted(value, request, sheet, self.tags) for key, value in text.items()}
        text[KEY] = told_of(sheet, request, self.model.identity.title)
        file = fresh(self.version.part("previews", owner) / f"{name}.png")
        save_png(picture, with_mark(text, mark) if mark else text, file)
        self.listener.file_written(file)
        return file


def pictures_for(
    host: Host, model: BaseModel, listener: Listener, version: Version, sheets: Sequence[Sheet], found: Marked,
    reuses: bool, timed: Timed = lambda request, seconds: None,
) -> Pictures:  # fmt: skip
    """What makes the pictures of these sheets."""
    presets = presets_of(host.block_presets())
    tags = {one.file: _tag(one, model.family, presets) for sheet in sheets for one in sheet.files if one.blocks}
    return Pictures(host=host, model=model, listener=listener, version=version, marked=found, tags=tags, reuses=reuses,
                    timed=timed)  # fmt: skip


def _tag(file: WeightedFile, family: str, presets: Mapping[str, str]) -> str | float:
    """A list for sd-webui-lora-block-weight; or one number for all layers, where some are in none of its blocks."""
    number = block_weights(file.blocks, family, presets).everywhere
    names = layers_of({key: shape for key, (_, shape) in read_header(file.network)[1].items()})
    if number is not None and any(block_of_layer(name, family) is None for name in names):
        return number
    return for_prompts(file.blocks, family, presets)


def _as_prompted(text: str, request: PictureRequest, sheet: Sheet, tags: Mapping[Path, str | float]) -> str:
    """The infotext of the checkpoint, with the tag that sd-webui-lora-block-weight reads, not of a file that goes."""
    one = sheet.file_of(request)
    if one is None or not one.mark:
        return text
    tag = tags[one.file]
    there = f"{request.weight:g}:lbw={tag}" if isinstance(tag, str) else f"{request.weight * tag:g}"
    text = text.replace(f"<lora:{one.file.stem}:{request.weight:g}>", f"<lora:{one.network.stem}:{there}>")
    known = read_header(one.network)[0].get("sshs_model_hash", "")[:12]
    hashed = rf"\b{re.escape(one.file.stem)}: [0-9a-f]{{12}}\b"
    return re.sub(hashed, lambda found: f"{one.network.stem}: {known}" if known else found[0], text)


def owner_of(sheet: Sheet, request: PictureRequest) -> str:
    """The folder of a request's picture."""
    one = sheet.file_of(request)
    return one.network.stem if one else BASE


def named(request: PictureRequest, sheet: Sheet, part: str, seed: str) -> tuple[str, str]:
    """The folder of a request's picture, and its name without ending."""
    one, owner = sheet.file_of(request), owner_of(sheet, request)
    blocks = f"-b{one.mark}" if one and one.mark else ""
    words = f"_{sheet.names[request]}" if sheet.names.get(request) else ""
    return owner, f"{owner}-{part}{words}-s{seed}-w{request.weight:g}{blocks}"


def is_one_of(name: str) -> Callable[[str], bool]:
    """Tells whether a picture's name without ending is this one, or one that ``fresh`` made of it; "*" is any seed."""
    before, star, behind = name.rpartition("-s*-w")
    own = f"{re.escape(before)}-s\\d+-w{re.escape(behind)}" if star else re.escape(name)
    whole = re.compile(own + r"(-\d+)?")
    return lambda stem: whole.fullmatch(stem) is not None


def fresh(path: Path) -> Path:
    """The path, with a number appended when the file exists."""
    number, found = 2, path
    while found.exists():
        found, number = path.with_stem(f"{path.stem}-{number}"), number + 1
    return found


def fitted(picture: Image.Image, cell: tuple[int, int], largest: tuple[int, int]) -> Image.Image:
    """A picture as a sheet shows it: in the middle of its cell, as much smaller as the largest picture is.

    Args:
        cell: width and height on the sheet of pictures that are ``largest``.
    """
    if picture.size == largest:
        return picture if cell == largest else picture.resize(cell)
    share = cell[0] / largest[0], cell[1] / largest[1]
    size = [max(1, min(room, round(side * part))) for side, part, room in zip(picture.size, share, cell, strict=True)]
    shown = Image.new("RGB", cell, (255, 255, 255))
    shown.paste(picture.resize((size[0], size[1])), ((cell[0] - size[0]) // 2, (cell[1] - size[1]) // 2))
    return shown


def laid_out(sheet: Sheet, drawn: Mapping[PictureRequest, Image.Image]) -> Image.Image:
    """The sheet as one picture; all of ``drawn`` have one size."""
    rows = [[drawn[cell] for cell in row] for row in sheet.cells]
    return grid(rows, sheet.rows, sheet.columns, sheet.title, sheet.groups, roomy=bool(sheet.names))


def largest_of(sheet: Sheet) -> tuple[int, int]:
    """Width and height that every picture of a sheet fits into."""
    cells = [cell for row in sheet.cells for cell in row]
    return max(cell.width for cell in cells), max(cell.height for cell in cells)
