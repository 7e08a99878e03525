"""Sheets by axes: rows, columns, and a sheet for each value of a third. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

from lib_train.config.axes import AXES, Cell, Chosen, Known, block_marks
from lib_train.config.preview import PreviewConfig
from lib_train.config.sheet_lines import SheetLine
from lib_train.host.protocol import PictureRequest
from lib_train.previews.requests import Sheet, WeightedFile, bases_of_prompts
from lib_train.texts import say

_IN_NAMES = ("checkpoint", "seed", "weight", "blocks")
"""Axes whose values names of pictures have anyway."""
_MOST = 10_000
"""Pictures of a line: more are a typing error, and take long to count."""
_LONGEST_NAME = 40
"""Bytes that a name of a picture has for what else it differs in."""


class SideError(ValueError):
    """A value of an axis means nothing: why, and the place of its side in ``SIDES``."""

    @property
    def place(self) -> int:
        """Of the side."""
        return int(self.args[1])


Skipped = Callable[[ValueError], None]


@dataclass(frozen=True, kw_only=True)
class AxisSheets:
    """What one line asks for with one prompt."""

    line: SheetLine
    base: PictureRequest
    """Before the axes change it."""
    labels: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    """Of rows, columns and pages; none where the axis is empty."""
    pages: tuple[Sheet, ...]


def axis_sheets(
    line: SheetLine, config: PreviewConfig, known: Known, size: tuple[int, int], clip_skip: int = 1,
    background: tuple[tuple[Path, float], ...] = (), like: str = "", skipped: Skipped | None = None,
) -> list[AxisSheets]:  # fmt: skip
    """The sheets of a line: for each prompt of the settings, or one for all where an axis has prompts.

    What no axis has is the first of the settings' samplers, seeds and so on, at weight 1 unless they have one weight
    alone, of the newest checkpoint.

    Args:
        size, clip_skip, background, like: as for ``requests.sheets``.
        skipped: is told why a prompt has no sheets; None raises it.

    Raises:
        SideError: a value means nothing here, such as a word to replace that the prompt lacks; or there are too many.
    """
    weights = config.preview_weights
    first = PictureRequest(
        prompt="", clip_skip=clip_skip, background=background, like=like,
        weight=weights[0] if len(weights) == 1 else 1.0, network=known.networks[-1] if known.networks else None,
    )  # fmt: skip
    bases = bases_of_prompts(config, size, first)
    sides = _found((line.rows, line.columns, line.pages), known)
    if any(one.axis.name == "prompt" for one in line.chosen):
        bases = bases[:1] or [replace(first, width=size[0], height=size[1])]
    _require_few(sides, len(bases))
    found = []
    for base in bases:
        try:
            found.append(_of(line, sides, base))
        except SideError as error:
            if skipped is None:
                raise
            skipped(error)
    return found


def _found(sides: Sequence[Chosen | None], known: Known) -> list[Chosen | None]:
    found: list[Chosen | None] = []
    for place, chosen in enumerate(sides):
        try:
            found.append(chosen and chosen.found(known))
        except ValueError as error:
            raise SideError(error.args[0], place) from error
    return found


def _require_few(sides: Sequence[Chosen | None], prompts: int) -> None:
    lengths = [len(one.values) if one else 1 for one in sides]
    count = prod(lengths) * prompts
    if count > _MOST:
        why = say("{count:,} pictures are too many; give fewer values, for {most:,} at most", count=count, most=_MOST)
        raise SideError(why, lengths.index(max(lengths)))


def _of(line: SheetLine, sides: Sequence[Chosen | None], base: PictureRequest) -> AxisSheets:
    rows, columns, pages = (tuple(one.labels()) if one else () for one in sides)
    return AxisSheets(line=line, base=base, labels=(rows, columns, pages), pages=tuple(_pages(sides, base)))


def _pages(sides: Sequence[Chosen | None], base: PictureRequest) -> Iterator[Sheet]:
    rows, columns, pages = sides
    marks = _marks(sides)
    labels = [one.labels() if one else [""] for one in sides]
    for page, page_label in enumerate(labels[2]):
        made = [[_cell(sides, (row, column, page), base) for column in range(len(labels[1]))]
                for row in range(len(labels[0]))]  # fmt: skip
        files = {_file(cell, marks) for row in made for cell in row}
        cells = tuple(tuple(_request(cell, marks) for cell in row) for row in made)
        names = {request: _name(sides, labels, (r, c, page))
                 for r, row in enumerate(cells) for c, request in enumerate(row)}  # fmt: skip
        title = [] if _has(sides, "prompt") else [base.prompt]
        title += [_about(sides, base, marks)]
        title += [page_label] if pages else []
        yield Sheet(title=tuple(filter(None, title)), rows=tuple(labels[0]), columns=tuple(labels[1]), cells=cells,
                    files=tuple(one for one in files if one), names=names)  # fmt: skip


def _has(sides: Sequence[Chosen | None], name: str) -> bool:
    return any(one and one.axis.name == name for one in sides)


def _cell(sides: Sequence[Chosen | None], places: tuple[int, int, int], base: PictureRequest) -> Cell:
    cell = Cell(base)
    order = list(AXES)
    varied = [(side, one, one.values[place])
              for side, (one, place) in enumerate(zip(sides, places, strict=True)) if one]  # fmt: skip
    for side, one, value in sorted(varied, key=lambda each: order.index(each[1].axis.name)):
        try:
            cell = one.axis.put(cell, value, one.values)
        except ValueError as error:
            raise SideError(error.args[0], side) from error
    return cell


def _marks(sides: Sequence[Chosen | None]) -> dict[str, str]:
    """Names of weights of blocks by their lists."""
    lists = next((one.values for one in sides if one and one.axis.name == "blocks"), ())
    return dict(zip(lists, block_marks(lists), strict=True))


def _file(cell: Cell, marks: dict[str, str]) -> WeightedFile | None:
    if cell.request.network is None or not cell.request.weight:
        return None
    return WeightedFile(cell.request.network, cell.blocks, marks.get(cell.blocks, ""))


def _request(cell: Cell, marks: dict[str, str]) -> PictureRequest:
    file = _file(cell, marks)
    return replace(cell.request, network=file.file if file else None, weight=cell.request.weight if file else 0.0)


def _about(sides: Sequence[Chosen | None], base: PictureRequest, marks: dict[str, str]) -> str:
    """What all pictures share beside the prompt, and which lists short names of weights of blocks stand for."""
    cell, told = Cell(base), []
    for axis in AXES.values():
        value = axis.get(cell)
        if not (_has(sides, axis.name) or axis.name == "prompt" or value in (None, "", ())):
            told += axis.label([value])
    return ", ".join([*told, *(f"{mark}: {blocks}" for blocks, mark in marks.items() if mark != blocks)])


def _name(sides: Sequence[Chosen | None], labels: Sequence[Sequence[str]], places: tuple[int, int, int]) -> str:
    """Words of a picture's values for the name of its file.

    >>> _short("standing, smiling/猫")
    'standing_smiling_猫'
    """
    told = [of[place] for one, of, place in zip(sides, labels, places, strict=True)
            if one and one.axis.name not in _IN_NAMES]  # fmt: skip
    return _short(" ".join(told))


def _short(text: str) -> str:
    found = re.sub(r"[^\w.]+", "_", text).strip("_.")
    while len(found.encode()) > _LONGEST_NAME:
        found = found[:-1]
    return found
