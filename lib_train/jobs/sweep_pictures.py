"""The pictures of a sweep's report: of the base model, and of each run's last checkpoint, on the same prompts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag

from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError, unwritten
from lib_train.files import write_whole
from lib_train.host.protocol import BaseModel, BaseModelRef, Host, PictureRequest
from lib_train.jobs.drawing import BASE
from lib_train.jobs.known_pictures import is_picture, known_in, mark_of_request
from lib_train.jobs.listener import Listener
from lib_train.jobs.running import TO_DRAW_WITH_LESS, freeing_memory, reporting_errors
from lib_train.previews.grid import save_png
from lib_train.previews.requests import sheets


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of pictures."""

    config: RunConfig
    """Of its run: base model, clip_skip and what the base model has merged into it."""
    network: Path | None = None
    """None shows the base model alone."""


@dataclass
class Shown:
    """What of a row of pictures there is."""

    paths: list[Path | None]
    """By column; None where there is none."""
    trouble: str = ""
    """Why some could not be made."""


def one_of_each(preview: PreviewConfig) -> PreviewConfig:
    """The previews of a report: every prompt with every seed, at weight 1, and one of everything else."""
    return replace(
        preview, preview_weights=(1.0,), preview_block_weights=(), preview_sampler=preview.preview_sampler[:1],
        preview_steps=preview.preview_steps[:1], preview_cfg_scale=preview.preview_cfg_scale[:1],
        preview_width=preview.preview_width[:1], preview_height=preview.preview_height[:1],
    )  # fmt: skip


def requests_of(line: Line, preview: PreviewConfig, size: tuple[int, int]) -> list[PictureRequest]:
    """The pictures of a row, by prompt and within it by seed.

    Args:
        preview: see ``one_of_each``.
        size: width and height where the previews leave them empty: the same for all rows.
    """
    config = line.config
    background = tuple((Path(file), strength) for file, strength in config.network.background)
    planned = sheets(preview, [line.network or Path(BASE)], size, config.training.clip_skip, background)
    cells = [cell for sheet in planned for cell in sheet.cells[0]]
    return cells if line.network else [replace(cell, network=None, weight=0.0) for cell in cells]


def draw_lines(
    host: Host,
    lines: Sequence[Line],
    requests: Sequence[Sequence[PictureRequest]],
    folder: Path,
    listener: Listener,
    stop: Flag,
    previews: Path | None = None,
) -> list[Shown]:
    """Make the pictures of all rows that are not there yet; ends early where ``stop`` is set.

    A row whose pictures cannot be made says why, and the others are made.

    Args:
        requests: of each row.
        folder: holds what was made before: a picture is known again by its request and the files it is made with.
        previews: folder of previews, of which those that would be the same are taken.

    Raises:
        TrainToolsError: the host has another base model now, or the disk is full.
    """
    refs = [host.find(one.config.base_model, one.config.vae, one.config.prediction_type) for one in lines]
    found = [Shown([folder / _name(ref, request) for request in row]) for ref, row in zip(refs, requests, strict=True)]
    missing = {place: _left(shown, row) for place, (shown, row) in enumerate(zip(found, requests, strict=True))}
    if previews:
        missing = {place: _not_taken(left, refs[place], previews, listener) for place, left in missing.items()}
    tell = _counted(listener, sum(map(len, missing.values())))
    for ref in dict.fromkeys(ref for place, ref in enumerate(refs) if missing[place]):
        with reporting_errors(str, TO_DRAW_WITH_LESS), host.borrow(ref) as model, freeing_memory():
            for place in (place for place, one in enumerate(refs) if one == ref and missing[place]):
                found[place].trouble = _drawn(host, model, missing[place], tell, stop)
                if stop.is_set():
                    return found
    for shown in found:
        shown.paths = [path if path and path.is_file() else None for path in shown.paths]
    return found


def _left(shown: Shown, row: Sequence[PictureRequest]) -> dict[Path, PictureRequest]:
    """Pictures that are not there, or cannot be opened."""
    return {path: one for path, one in zip(shown.paths, row, strict=True) if path and not is_picture(path)}


def _not_taken(
    wanted: Mapping[Path, PictureRequest], ref: BaseModelRef, previews: Path, listener: Listener
) -> dict[Path, PictureRequest]:
    """Copy pictures that previews are already; returns the others."""
    owners = {one.network.stem if one.network else BASE for one in wanted.values()}
    known = {mark: path for owner in owners for mark, path in known_in(previews / owner).items()}
    left = {}
    for path, request in wanted.items():
        there = known.get(mark_of_request(ref, request)) if known else None
        if there is None or not is_picture(there):
            left[path] = request
            continue
        try:
            write_whole(path, there.read_bytes())
        except OSError as error:
            raise unwritten(path, error) from error
        listener.file_written(path)
    return left


def _counted(listener: Listener, total: int) -> Callable[[Path], None]:
    done = iter(range(1, total + 1))

    def tell(path: Path) -> None:
        listener.file_written(path)
        listener.working("previews", next(done, total), total)

    return tell


def _drawn(
    host: Host, model: BaseModel, wanted: Mapping[Path, PictureRequest], tell: Callable[[Path], None], stop: Flag
) -> str:
    """Make pictures; returns why some could not be made. Sets ``stop`` where the host wishes to stop.

    Raises:
        FileError: one cannot be written.
    """
    pictures = host.render(model, [*wanted.values()])
    for path in wanted:
        try:
            made = next(pictures, None)
        except TrainToolsError as error:
            return str(error)
        if made is None:
            stop.set()
            return ""
        save_png(*made, path)
        tell(path)
        if stop.is_set():
            return ""
    return ""


def _name(ref: BaseModelRef, request: PictureRequest) -> str:
    """Another one for each picture that is another."""
    stem = request.network.stem if request.network else BASE
    return f"{stem}-s{request.seed}-{mark_of_request(ref, request)[:12]}.png"
