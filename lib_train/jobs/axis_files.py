"""What sheets by axes leave beside their pictures: a page to share, and a JSON for programs."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from lib_train.errors import unwritten
from lib_train.files import write_whole
from lib_train.host.protocol import PictureRequest
from lib_train.jobs.listener import Listener
from lib_train.jobs.picture_page import picture_cell, side_for, whole_page
from lib_train.jobs.sheet_pictures import Shown
from lib_train.languages import in_language
from lib_train.previews.axis_sheets import AxisSheets
from lib_train.previews.requests import Sheet
from lib_train.previews.told import text_to_tell
from lib_train.store.json_files import as_json
from lib_train.store.projects import Version
from lib_train.texts import say

Drawn = tuple[Path, Mapping[PictureRequest, Shown]]
"""The PNG of a sheet, and its pictures."""
_SCHEMA = 1


class MadeSheets(NamedTuple):
    """Files of the sheets of one line and prompt."""

    pages: list[Path]
    """A PNG for each value of the third axis."""
    html: Path
    json: Path

    @property
    def paths(self) -> list[Path]:
        """All of them."""
        return [*self.pages, self.html, self.json]


def write_files(
    stem: Path,
    sheets: AxisSheets,
    drawn: Sequence[Drawn],
    version: Version,
    base: str,
    language: str,
    listener: Listener,
) -> MadeSheets:
    """Write page and JSON, each whole or not at all.

    Args:
        stem: their path without ending.
        drawn: of each page.
        base: title of the base model.

    Raises:
        FileError: the disk is full or cannot be written to.
    """
    made = MadeSheets([path for path, _ in drawn], stem.with_name(f"{stem.name}.html"),
                      stem.with_name(f"{stem.name}.json"))  # fmt: skip
    page = page_of(sheets, drawn, version, language)
    told = json_of(sheets, drawn, version, base)
    for path, content in ((made.html, page.encode("utf-8", "replace")), (made.json, as_json(told))):
        try:
            write_whole(path, content)
        except OSError as error:
            raise unwritten(path, error) from error
        listener.file_written(path)
    return made


def key_of(sheets: AxisSheets) -> str:
    """64 hexadecimal digits by which sheets are known again: others for other axes, prompts or names of checkpoints.

    Sizes follow from the base model, and seeds may be picked by chance: they count where an axis has them.
    """
    told = [[[_request_json(cell, sheet) for cell in row] for row in sheet.cells] for sheet in sheets.pages]
    left_out = ("width", "height", "seed")
    kept = [{name: value for name, value in one.items() if name not in left_out}
            for page in told for row in page for one in row]  # fmt: skip
    return hashlib.sha256(json.dumps([sheets.line.texts, kept], sort_keys=True).encode()).hexdigest()


def json_of(sheets: AxisSheets, drawn: Sequence[Drawn], version: Version, base: str) -> dict[str, Any]:
    """Axes, values, and request and file of each picture, as JSON values. Files are named from the folder of sheets."""
    home = version.folder / "previews"
    axes = {side: {"axis": text, "values": list(labels)} for side, text, labels in
            zip(("rows", "columns", "pages"), sheets.line.texts, sheets.labels, strict=True)}  # fmt: skip
    return {
        "schema": _SCHEMA, "project": version.project.name, "version": version.name, "key": key_of(sheets),
        "prompt": sheets.base.prompt, **axes,
        "sheets": [
            {
                "page": label, "png": path.name, "title": list(sheet.title),
                "cells": [[{"file": pictures[cell].path.relative_to(home).as_posix(),
                            "request": _request_json(cell, sheet, base)} for cell in row] for row in sheet.cells],
            }
            for label, sheet, (path, pictures) in zip(sheets.labels[2] or ("",), sheets.pages, drawn, strict=True)
        ],
    }  # fmt: skip


def _request_json(request: PictureRequest, sheet: Sheet, base: str = "") -> dict[str, Any]:
    """What the picture tells, too; see ``told.text_to_tell``."""
    file = sheet.file_of(request)
    checkpoint, blocks = (file.network.stem, file.blocks) if file else ("", "")
    found: dict[str, Any] = json.loads(text_to_tell(request, base, checkpoint, blocks))
    return found


def page_of(sheets: AxisSheets, drawn: Sequence[Drawn], version: Version, language: str) -> str:
    """The page; what people wrote stands in it as text."""
    title = f"{version.project.name} / {version.name}: {sheets.base.prompt}"
    return whole_page(title, _parts(sheets, drawn, language), language)


def _parts(sheets: AxisSheets, drawn: Sequence[Drawn], language: str) -> Iterator[str]:
    hint = in_language(say("click one to enlarge it"), language)
    yield f'<p class="quiet">{escape(time.strftime("%Y-%m-%d %H:%M"))} &middot; {escape(hint)}</p>'
    side = side_for(sum(len(row) for sheet in sheets.pages for row in sheet.cells))
    for sheet, (_, pictures) in zip(sheets.pages, drawn, strict=True):
        if len(sheets.pages) > 1:
            yield f'<h2 translate="no">{escape(sheet.title[-1])}</h2>'
        for line in sheet.title[: -1 if len(sheets.pages) > 1 else None]:
            yield f'<p class="quiet" translate="no">{escape(line)}</p>'
        yield from _table(sheet, pictures, side, language)


def _table(sheet: Sheet, pictures: Mapping[PictureRequest, Shown], side: int, language: str) -> Iterator[str]:
    heads = "".join(f'<th scope="col" translate="no">{escape(label)}</th>' for label in sheet.columns)
    yield f'<div class="wide"><table class="pictures"><thead><tr><td></td>{heads}</tr></thead><tbody>'
    for label, row in zip(sheet.rows, sheet.cells, strict=True):
        cells = "".join(
            picture_cell(pictures[cell].path, side, ", ".join(filter(None, (label, column))), language)
            for cell, column in zip(row, sheet.columns, strict=True)
        )
        yield f'<tr><th scope="row" translate="no">{escape(label)}</th>{cells}</tr>'
    yield "</tbody></table></div>"
