"""Find pictures and captions in kohya's folders, and everything in them that cannot be used."""

import codecs
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.images import SUFFIXES, size_of
from lib_train.dataset.records import Picture, Scan
from lib_train.errors import DatasetError, Problem

_FOLDER = re.compile(r"(\d+)_(.*)", re.DOTALL)


def scan(config: DatasetConfig, *, decode: bool = True, told: Callable[[int, int], object] | None = None) -> Scan:
    """All pictures of the settings' folders, sorted, with every problem found.

    Args:
        decode: read each picture to its end, so that a damaged one is named here and not in the middle of a run.
        told: called with (pictures done, pictures in all) as they are read.
    """
    problems: list[Problem] = []
    found: list[_Found] = []
    for name, folders, is_reg in (
        ("train_data_dir", config.train_data_dir, False),
        ("reg_data_dir", config.reg_data_dir, True),
    ):
        for folder in folders:
            for inner, repeats, caption in _counted(name, Path(folder), problems):
                found += [_Found(path, repeats, caption, inner.resolve().name, is_reg) for path in _files(inner)]
    pictures: list[Picture] = []
    with ThreadPoolExecutor(4) as threads:
        checked = threads.map(lambda one: _checked(one, config, decode), found)
        for done, (picture, wrong) in enumerate(checked, start=1):
            problems += wrong
            pictures += [picture] if picture else []
            if told:
                told(done, len(found))
    return Scan(pictures=tuple(pictures), problems=tuple(problems))


class _Found(NamedTuple):
    path: Path
    repeats: int
    name: str
    folder: str
    is_reg: bool


def require_usable(found: Scan, config: DatasetConfig) -> None:
    """Pass when training can start with what was found.

    Raises:
        DatasetError: there is no picture, or a problem and on_bad_file is "refuse"; all problems are in it.
    """
    lines = [f"  {problem}" for problem in found.problems]
    if not any(not picture.is_reg for picture in found.pictures):
        where = ", ".join(config.train_data_dir) or "nothing"
        head = f"train_data_dir = {where}: no picture can be used; name a folder that holds <repeats>_<name> folders"
        raise DatasetError("\n".join([head, *lines]))
    if lines and config.on_bad_file == "refuse":
        head = f"{len(lines)} things in the picture folders cannot be used (on_bad_file = skip goes on without them):"
        raise DatasetError("\n".join([head, *lines]))


def _counted(setting: str, folder: Path, problems: list[Problem]) -> Iterator[tuple[Path, int, str]]:
    if not folder.is_dir():
        problems.append(Problem(setting, str(folder), "is no folder; check the path"))
        return
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    own = _FOLDER.fullmatch(folder.resolve().name)
    if own and int(own[1]) > 0 and _files(folder) and not any(_FOLDER.fullmatch(inner.name) for inner in folders):
        yield folder, int(own[1]), own[2]
        return
    for inner in folders:
        match = _FOLDER.fullmatch(inner.name)
        if match and int(match[1]) > 0:
            yield inner, int(match[1]), match[2]
        elif _files(inner):
            problems.append(
                Problem(setting, str(inner), "holds pictures but no repeats: rename it to 10_" + inner.name)
            )
    loose = _files(folder)
    if loose:
        remedy = f"{len(loose)} pictures lie beside the folders: put them into a folder such as 10_{folder.name}"
        problems.append(Problem(setting, str(folder), remedy))


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
    return sorted(path for path in found if path.is_file())


def _checked(found: _Found, config: DatasetConfig, decode: bool) -> tuple[Picture | None, list[Problem]]:
    problems: list[Problem] = []
    size, caption, path = None, None, found.path
    try:
        size = size_of(path, decode=decode)
        if min(size) < 8:
            problems.append(Problem("picture", str(path), f"is {size[0]} x {size[1]} pixels: too small to train on"))
            size = None
    except DatasetError as error:
        problems.append(Problem("picture", str(path), str(error).removeprefix(f"{path}: ")))
    try:
        caption = caption_of(path, found.name, config)
    except DatasetError as error:
        problems.append(Problem("caption", str(path), str(error)))
    if size is None or caption is None:
        return None, problems
    picture = Picture(path=path, caption=caption, width=size[0], height=size[1], repeats=found.repeats,
                      folder=found.folder, is_reg=found.is_reg)  # fmt: skip
    return picture, problems


def caption_of(picture: Path, name: str, config: DatasetConfig) -> str:
    """The caption beside a picture: its first line, or ``name`` when there is no caption file.

    Raises:
        DatasetError: the caption file is neither UTF-8 nor UTF-16 text.
    """
    for ending in config.caption_extension:
        file = picture.with_suffix(ending)
        if not file.is_file():
            continue
        try:
            lines = _text_of(file.read_bytes()).strip().splitlines()
        except (ValueError, OSError) as error:
            raise DatasetError(f"{file.name} cannot be read as UTF-8 text ({error}); save it as UTF-8") from error
        return lines[0].strip() if lines else ""
    return name


def _text_of(content: bytes) -> str:
    """Text in UTF-8, or in UTF-16 where its mark stands in front, as Windows' editor saves "Unicode"."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    text = content.decode("utf-8-sig")
    if "\0" in text:
        raise ValueError("it holds NUL bytes")
    return text
