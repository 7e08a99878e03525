"""Sheets by axes, drawn on a borrowed model."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag

from lib_train.config.axes import Known
from lib_train.config.run import RunConfig
from lib_train.config.sheet_lines import SIDES, SheetLine, parsed
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import BaseModel, BaseModelRef, Host, PictureRequest
from lib_train.jobs.axis_files import MadeSheets, write_files
from lib_train.jobs.drawing import background_of, drawn_sheet, paced, ref_of
from lib_train.jobs.found_loras import lora_finder
from lib_train.jobs.listener import Listener
from lib_train.jobs.sheet_pictures import Marked, Shown, fresh, marked, pictures_for, told_there
from lib_train.planning.picture_pace import PicturePace
from lib_train.previews.axis_sheets import AxisSheets, SideError, Skipped, axis_sheets
from lib_train.previews.requests import distinct
from lib_train.store.layout import SHEET
from lib_train.store.projects import Version
from lib_train.texts import say


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many pictures sheets have."""

    total: int
    missing: int
    seconds: float | None
    """That the missing ones would take; None where no picture was made here before."""


def wanted_sheets(
    lines: Iterable[SheetLine], config: RunConfig, networks: Sequence[Path], lora: Callable[[str], Path],
    like: str = "",
) -> list[AxisSheets]:  # fmt: skip
    """The sheets of lines.

    Args:
        networks: checkpoints, the oldest first.
        lora: see ``Known``.
        like: see ``PictureRequest``.

    Raises:
        ConfigError: a line means nothing here; names the side.
    """
    found: list[AxisSheets] = []
    for line in lines:
        try:
            found += axis_sheets(line, config.preview, Known(networks, lora), config.dataset.size,
                                 config.training.clip_skip, background_of(config), like)  # fmt: skip
        except SideError as error:
            raise ConfigError([Problem(SIDES[error.place], line.texts[error.place], error.args[0])]) from error
    return found


def lines_of(
    host: Host,
    version: Version,
    networks: Sequence[Path],
    config: RunConfig,
    like: str = "",
    skipped: Skipped = lambda error: None,
) -> list[AxisSheets]:
    """Sheets of the setting preview_sheets; those that mean nothing here are left out.

    Args:
        like: see ``PictureRequest``.
        skipped: is told why.
    """
    known = Known(networks, lora_finder(host, [*networks, *version.checkpoints()]))
    found: list[AxisSheets] = []
    for text in config.preview.preview_sheets if networks else ():
        try:
            found += axis_sheets(parsed(text), config.preview, known, config.dataset.size, config.training.clip_skip,
                                 background_of(config), like, skipped)  # fmt: skip
        except ValueError as error:
            skipped(error)
    return found


def draw_lines_of(
    host: Host, model: BaseModel, listener: Listener, version: Version, networks: Sequence[Path], config: RunConfig,
    stop: Flag, like: str = "",
) -> Iterator[Path]:  # fmt: skip
    """Make the sheets of the setting preview_sheets; yields each sheet's path. See ``draw_axis_sheets``."""

    def tell(error: ValueError) -> None:
        listener.message(say("no sheet: {why}", why=error.args[0]))

    wanted = lines_of(host, version, networks, config, like, tell)
    for made in draw_axis_sheets(host, model, listener, version, wanted, config, stop):
        yield from made.pages


def count(host: Host, version: Version, wanted: Sequence[AxisSheets], ref: BaseModelRef) -> Count:
    """How many pictures of these sheets there are, and how long the others would take. Writes nothing."""
    everything: dict[PictureRequest, None] = {}
    missing: dict[PictureRequest, None] = {}
    for sheet in (sheet for one in wanted for sheet in one.pages):
        if any(one.blocks for one in sheet.files):  # whose files would have to be made: known by what pictures tell
            there = told_there(version, sheet, ref.path.name)
        else:
            there = Marked(ref, {one.file: one.network for one in sheet.files}).there(version, sheet)
        everything |= dict.fromkeys(distinct(sheet))
        missing |= dict.fromkeys(request for request in distinct(sheet) if request not in there)
    pace = PicturePace(version.inside("cache"), host.device.type, ref.path.name)
    return Count(total=len(everything), missing=len(missing), seconds=pace.seconds([*missing]))


def draw_axis_sheets(
    host: Host, model: BaseModel, listener: Listener, version: Version, wanted: Sequence[AxisSheets], config: RunConfig,
    stop: Flag, language: str = "",
) -> Iterator[MadeSheets]:  # fmt: skip
    """Make sheets by axes; yields the files of each as they are written. Pictures that are there are not made again.

    Ends early when ``stop`` is set; sets it where the host wishes to stop. ``model`` must carry no network.

    Args:
        language: of the page; see ``languages.language_named``.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    total, done = sum(len(distinct(sheet)) for one in wanted for sheet in one.pages), 0
    for number, one in enumerate(wanted, 1):
        stem = fresh(version.part("previews") / f"{SHEET}-{stamp}-{number}.json").with_suffix("")
        drawn: list[tuple[Path, dict[PictureRequest, Shown]]] = []
        with marked(host, version, one.pages, ref_of(model, config), model.identity.path) as files, \
                paced(host, model, version) as timed:  # fmt: skip
            pictures = pictures_for(host, model, listener, version, one.pages, files, True, timed)
            for place, sheet in enumerate(one.pages, 1):
                path = stem.with_name(f"{stem.name}-p{place}.png")
                made = drawn_sheet(pictures, sheet, SHEET, path, stop, (done, total))
                if made is None:
                    return
                done += len(made[1])
                drawn.append((made[0], dict(made[1])))
        yield write_files(stem, one, drawn, version, model.identity.title, language, listener)
