"""Find pictures and captions in kohya's folders, and everything in them that cannot be used."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.images import SUFFIXES, look_at
from lib_train.dataset.records import Picture, Scan
from lib_train.errors import DatasetError, Problem

_FOLDER = re.compile(r"(\d+)_(.*)", re.DOTALL)


def scan(config: DatasetConfig) -> Scan:
    """All pictures of the settings' folders, sorted, with every problem found.

    Each picture is read to its end, so that a damaged one is named here and not in the middle of a run.
    """
    pictures: list[Picture] = []
    problems: list[Problem] = []
    for name, folders, is_reg in (
        ("train_data_dir", config.train_data_dir, False),
        ("reg_data_dir", config.reg_data_dir, True),
    ):
        for folder in folders:
            for inner, repeats, caption in _counted(name, Path(folder), problems):
                pictures += _pictures(inner, repeats, caption, is_reg, config, problems)
    return Scan(pictures=tuple(pictures), problems=tuple(problems))


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
    own = _FOLDER.fullmatch(folder.resolve().name)
    if own and int(own[1]) > 0 and _files(folder):
        yield folder, int(own[1]), own[2]
        return
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
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


def _pictures(
    folder: Path, repeats: int, name: str, is_reg: bool, config: DatasetConfig, problems: list[Problem]
) -> list[Picture]:
    paths = _files(folder)
    with ThreadPoolExecutor(4) as threads:
        checked = list(threads.map(lambda path: _checked(path, name, config), paths))
    found = []
    for path, (size, caption, wrong) in zip(paths, checked, strict=True):
        problems += wrong
        if size and caption is not None:
            kept = Picture(path=path, caption=caption, width=size[0], height=size[1], repeats=repeats,
                           folder=folder.resolve().name, is_reg=is_reg)  # fmt: skip
            found.append(kept)
    return found


def _checked(path: Path, name: str, config: DatasetConfig) -> tuple[tuple[int, int] | None, str | None, list[Problem]]:
    problems: list[Problem] = []
    size, caption = None, None
    try:
        width, height, _ = look_at(path)
        size = width, height
        if min(size) < 8:
            problems.append(Problem("picture", str(path), f"is {size[0]} x {size[1]} pixels: too small to train on"))
            size = None
    except DatasetError as error:
        problems.append(Problem("picture", str(path), str(error).removeprefix(f"{path}: ")))
        size = None
    try:
        caption = caption_of(path, name, config)
    except DatasetError as error:
        problems.append(Problem("caption", str(path), str(error)))
    return size, caption, problems


def caption_of(picture: Path, name: str, config: DatasetConfig) -> str:
    """The caption beside a picture: its first line, or ``name`` when there is no caption file.

    Raises:
        DatasetError: the caption file is not UTF-8 text.
    """
    for ending in config.caption_extension:
        file = picture.with_suffix(ending)
        if not file.is_file():
            continue
        try:
            lines = file.read_text(encoding="utf-8-sig").strip().splitlines()
        except (UnicodeDecodeError, OSError) as error:
            raise DatasetError(f"{file.name} cannot be read as UTF-8 text ({error}); save it as UTF-8") from error
        return lines[0].strip() if lines else ""
    return name
