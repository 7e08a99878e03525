"""Preview pictures and comparison sheets of checkpoints, on a borrowed model."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag

from PIL import Image

from lib_train.checkpoints.opened import read_header
from lib_train.config.run import RunConfig
from lib_train.host.protocol import BaseModel, BaseModelRef, Host, PictureRequest
from lib_train.jobs.known_pictures import is_picture, known_in, mark_of_request, with_mark
from lib_train.jobs.listener import Listener
from lib_train.jobs.weighted import weighted_files
from lib_train.lora_tools.block_lists import block_of_layer, block_weights, for_prompts, presets_of
from lib_train.network_kinds import layers_of
from lib_train.previews.grid import cell_size, grid, save_png
from lib_train.previews.requests import Row, Sheet, distinct, labels_of, sheets
from lib_train.previews.told import KEY, text_to_tell
from lib_train.store.projects import Version

BASE = "base"
"""Folder of pictures that show the base model alone."""


def draw(
    host: Host,
    model: BaseModel,
    listener: Listener,
    version: Version,
    networks: Sequence[Path],
    config: RunConfig,
    stop: Flag,
    reuses: bool = False,
) -> Iterator[Path]:
    """Make the previews of the settings; yields each sheet's path as it is written.

    Ends early, without the sheet that it is at, when ``stop`` is set; sets it where the host wishes to stop.
    ``model`` must carry no network.

    Args:
        reuses: whether pictures that are there, made of the same request and the same files, are kept and not made
            again.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    background = tuple((Path(file), strength) for file, strength in config.network.background)
    planned = sheets(config.preview, networks, config.dataset.size, config.training.clip_skip, background)
    rows = {row.file: row for sheet in planned for row in sheet.rows}
    presets = presets_of(host.block_presets())
    with weighted_files([*rows.values()], version.part("cache"), model.identity.path, presets) as files:
        tags = {row.file: _tag(row, model.family, presets) for row in rows.values() if row.blocks}
        of, path = model.identity, model.identity.path
        ref = BaseModelRef(of.title, path, of.vae_path, config.prediction_type) if path else None
        pictures = _Pictures(
            host=host, model=model, listener=listener, version=version, ref=ref, files=files, tags=tags, reuses=reuses
        )
        yield from _drawn(pictures, planned, stop, stamp)


def _tag(row: Row, family: str, presets: Mapping[str, str]) -> str | float:
    """A list for sd-webui-lora-block-weight; or one number for all layers, where some are in none of its blocks."""
    number = block_weights(row.blocks, family, presets).everywhere
    names = layers_of({key: shape for key, (_, shape) in read_header(row.network)[1].items()})
    if number is not None and any(block_of_layer(name, family) is None for name in names):
        return number
    return for_prompts(row.blocks, family, presets)


@dataclass(frozen=True, kw_only=True)
class _Pictures:
    """Makes the pictures of sheets, and finds those that are there."""

    host: Host
    model: BaseModel
    listener: Listener
    version: Version
    ref: BaseModelRef | None
    files: Mapping[Path, Path | None]
    tags: Mapping[Path, str | float]
    reuses: bool

    def of(self, sheet: Sheet, number: int) -> Iterator[tuple[PictureRequest, Image.Image]]:
        """Each request's picture, in order; fewer where the host wishes to stop."""
        asked = {one: replace(one, network=self.files[one.network]) if one.network else one for one in distinct(sheet)}
        marks = {one: mark_of_request(self.ref, given) for one, given in asked.items()} if self.ref else {}
        there = self._there(sheet, marks) if self.reuses else {}
        rendered = self.host.render(self.model, [given for one, given in asked.items() if one not in there])
        for request in asked:
            if request in there:
                with Image.open(there[request]) as picture:
                    yield request, picture.convert("RGB")
                continue
            made = next(rendered, None)
            if made is None:
                return
            self._save(*made, request, sheet, number, marks.get(request, ""))
            yield request, made[0]

    def _there(self, sheet: Sheet, marks: Mapping[PictureRequest, str]) -> dict[PictureRequest, Path]:
        owners = {owner for owner, _ in (_named(one, sheet, 0, "") for one in marks)}
        known = {
            mark: path for owner in owners for mark, path in known_in(self.version.part("previews", owner)).items()
        }
        return {one: known[mark] for one, mark in marks.items() if mark in known and is_picture(known[mark])}

    def _save(
        self, picture: Image.Image, text: Mapping[str, str], request: PictureRequest, sheet: Sheet, number: int,
        mark: str,
    ) -> None:  # fmt: skip
        owner, name = _named(request, sheet, number, str(request.seed))
        row = _row_of(request, sheet)
        checkpoint, blocks = (row.network.stem, row.blocks) if row else ("", "")
        text = {key: _as_prompted(one, request, sheet, self.tags) for key, one in text.items()}
        text[KEY] = text_to_tell(request, self.model.identity.title, checkpoint, blocks)
        file = _fresh(self.version.part("previews", owner) / f"{name}.png")
        save_png(picture, with_mark(text, mark) if mark else text, file)
        self.listener.file_written(file)


def _drawn(pictures: _Pictures, planned: Sequence[Sheet], stop: Flag, stamp: str) -> Iterator[Path]:
    total, done = sum(len(distinct(sheet)) for sheet in planned), 0
    version, listener = pictures.version, pictures.listener
    for number, sheet in enumerate(planned, 1):
        first, drawn = sheet.cells[0][0], {}
        cell = cell_size((first.width, first.height), len(sheet.cells[0]), len(sheet.cells))
        for request, picture in pictures.of(sheet, number):
            drawn[request] = picture if picture.size == cell else picture.resize(cell)
            done += 1
            listener.working("previews", done, total)
            if stop.is_set():
                return
        if len(drawn) < len(distinct(sheet)):
            stop.set()
            return
        path = _fresh(version.part("previews") / f"grid-{stamp}-p{number}.png")
        save_png(_laid_out(sheet, drawn), {"parameters": sheet.prompt}, path)
        listener.file_written(path)
        yield path


def undrawn(version: Version, networks: Sequence[Path], config: RunConfig) -> tuple[int, int]:
    """Number of pictures that ``draw`` would make and that are missing, and number of all."""
    by_chance = any(seed < 0 for seed in config.preview.preview_seeds)
    wanted: Counter[tuple[str, str]] = Counter()
    for number, sheet in enumerate(sheets(config.preview, networks, config.dataset.size), 1):
        for request in distinct(sheet):
            owner, name = _named(request, sheet, number, "*" if by_chance else str(request.seed))
            wanted[owner, name] += 1
    there = {owner: [path.stem for path in version.inside("previews", owner).glob("*.png")] for owner, _ in wanted}
    missing = 0
    for (owner, name), count in wanted.items():
        missing += max(0, count - sum(map(_is_one_of(name), there[owner])))
    return missing, wanted.total()


def _is_one_of(name: str) -> Callable[[str], bool]:
    """Tells whether a picture's name without ending is this one, or one that ``_fresh`` made of it; "*" is any seed."""
    before, star, behind = name.rpartition("-s*-w")
    own = f"{re.escape(before)}-s\\d+-w{re.escape(behind)}" if star else re.escape(name)
    whole = re.compile(own + r"(-\d+)?")
    return lambda stem: whole.fullmatch(stem) is not None


def _as_prompted(text: str, request: PictureRequest, sheet: Sheet, tags: Mapping[Path, str | float]) -> str:
    """The infotext of the checkpoint, with the tag that sd-webui-lora-block-weight reads, not of a file that goes."""
    row = _row_of(request, sheet)
    if row is None or not row.mark:
        return text
    tag = tags[row.file]
    there = f"{request.weight:g}:lbw={tag}" if isinstance(tag, str) else f"{request.weight * tag:g}"
    text = text.replace(f"<lora:{row.file.stem}:{request.weight:g}>", f"<lora:{row.network.stem}:{there}>")
    known = read_header(row.network)[0].get("sshs_model_hash", "")[:12]
    hashed = rf"\b{re.escape(row.file.stem)}: [0-9a-f]{{12}}\b"
    return re.sub(hashed, lambda found: f"{row.network.stem}: {known}" if known else found[0], text)


def _row_of(request: PictureRequest, sheet: Sheet) -> Row | None:
    return next((row for row in sheet.rows if row.file == request.network), None)


def _named(request: PictureRequest, sheet: Sheet, number: int, seed: str) -> tuple[str, str]:
    """The folder of a request's picture, and its name without ending."""
    row = _row_of(request, sheet)
    owner = row.network.stem if row else BASE
    blocks = f"-b{row.mark}" if row and row.mark else ""
    return owner, f"{owner}-p{number}-s{seed}-w{request.weight:g}{blocks}"


def _laid_out(sheet: Sheet, drawn: Mapping[PictureRequest, Image.Image]) -> Image.Image:
    rows = [[drawn[cell] for cell in row] for row in sheet.cells]
    weights = [f"{weight:g}" for weight in sheet.weights] * len(sheet.seeds)
    one = len(sheet.seeds) == 1
    about = f"seed {sheet.seeds[0]}, {sheet.about}" if one else sheet.about
    groups = [] if one else [f"seed {seed}" for seed in sheet.seeds]
    return grid(rows, labels_of(sheet.rows), weights, [sheet.prompt, about], groups)


def _fresh(path: Path) -> Path:
    """The path, with a number appended when the file exists."""
    number, fresh = 2, path
    while fresh.exists():
        fresh, number = path.with_stem(f"{path.stem}-{number}"), number + 1
    return fresh
