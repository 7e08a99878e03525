"""Preview pictures and comparison sheets of checkpoints, on a borrowed model."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event as Flag

from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.host.protocol import BaseModel, BaseModelRef, Host, PictureRequest
from lib_train.jobs.listener import Listener
from lib_train.jobs.sheet_pictures import (
    BASE,
    Pictures,
    Shown,
    Timed,
    fitted,
    fresh,
    laid_out,
    largest_of,
    marked,
    pictures_for,
)
from lib_train.planning.picture_pace import PicturePace, Taken
from lib_train.previews.grid import cell_size, save_png
from lib_train.previews.requests import Sheet, distinct, sheets
from lib_train.store.projects import Version

__all__ = ["BASE", "draw", "drawn_sheet", "ref_of"]


def draw(
    host: Host,
    model: BaseModel,
    listener: Listener,
    version: Version,
    networks: Sequence[Path],
    config: RunConfig,
    stop: Flag,
    reuses: bool = False,
    like: str = "",
) -> Iterator[Path]:
    """Make the previews of the settings; yields each sheet's path as it is written.

    Ends early, without the sheet that it is at, when ``stop`` is set; sets it where the host wishes to stop.
    ``model`` must carry no network.

    Args:
        reuses: whether pictures that are there, made of the same request and the same files, are kept and not made
            again.
        like: see ``PictureRequest``.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    size, clip_skip = config.dataset.size, config.training.clip_skip
    planned = sheets(config.preview, networks, size, clip_skip, background_of(config), like)
    total, done = sum(len(distinct(sheet)) for sheet in planned), 0
    with marked(host, version, planned, ref_of(model, config), model.identity.path) as files, \
            paced(host, model, version) as timed:  # fmt: skip
        pictures = pictures_for(host, model, listener, version, planned, files, reuses, timed)
        for number, sheet in enumerate(planned, 1):
            path = version.part("previews") / f"grid-{stamp}-p{number}.png"
            drawn = drawn_sheet(pictures, sheet, f"p{number}", path, stop, (done, total))
            if drawn is None:
                return
            done += len(drawn[1])
            yield drawn[0]


@contextmanager
def paced(host: Host, model: BaseModel, version: Version) -> Iterator[Timed]:
    """Gives what is told of the seconds of each picture, and remembers them at the end."""
    taken: list[Taken] = []
    try:
        yield lambda request, seconds: taken.append(Taken(request, seconds))
    finally:
        with suppress(TrainToolsError):
            PicturePace(version.part("cache"), host.device.type, model.identity.title).keep(taken)


def background_of(config: RunConfig) -> tuple[tuple[Path, float], ...]:
    """Networks that are merged into the base model; see ``PictureRequest``."""
    return tuple((Path(file), strength) for file, strength in config.network.background)


def ref_of(model: BaseModel, config: RunConfig) -> BaseModelRef | None:
    """The borrowed model, as pictures of it are known; None where it is no file."""
    of, path = model.identity, model.identity.path
    return BaseModelRef(of.title, path, of.vae_path, config.prediction_type) if path else None


def drawn_sheet(
    pictures: Pictures, sheet: Sheet, part: str, path: Path, stop: Flag, place: tuple[int, int]
) -> tuple[Path, Mapping[PictureRequest, Shown]] | None:
    """Make a sheet's pictures and write it; its path, another one where there is a file, and its pictures.

    None where it was stopped; see ``draw``.

    Args:
        part: see ``Pictures.of``.
        place: how many pictures were made before, and of how many.
    """
    largest, drawn = largest_of(sheet), {}
    cell = cell_size(largest, len(sheet.columns), len(sheet.rows))
    done, total = place
    for shown in pictures.of(sheet, part):
        drawn[shown.request] = shown._replace(picture=fitted(shown.picture, cell, largest))
        done += 1
        pictures.listener.working("previews", done, total)
        if stop.is_set():
            return None
    if len(drawn) < len(distinct(sheet)):
        stop.set()
        return None
    found = fresh(path)
    save_png(laid_out(sheet, {one: shown.picture for one, shown in drawn.items()}),
             {"parameters": sheet.title[0] if sheet.title else ""}, found)  # fmt: skip
    pictures.listener.file_written(found)
    return found, drawn
