"""Where things lie below the root folder, and which names they may have."""

import os
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from lib_train.errors import ProjectError, reason
from lib_train.names import child, is_picture, out_of_sight
from lib_train.texts import say

ROOT = Path("output") / "train_tools"
"""Default root, below the host's data folder."""
OLDER_ROOT = Path("outputs") / "train_tools" / "projects"
"""Root of the older extension: below the folder that the WebUI was started in, its own or its data folder."""
PRESETS = "presets"
"""Folder below the root for a person's own presets; no project can have its name."""
SHEET = "sheet"
"""Of names that sheets by axes have among previews: of their files, and of pictures that were made for them."""
ELSEWHERE = say("let projects lie elsewhere (command line: --output)")
"""The way out where nothing can be written."""
_LONGEST, _LONGEST_BYTES = 64, 100
"""Of a name. Project, version and run together name a checkpoint, and file systems end at 255 bytes."""
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}


def checked_name(name: str, what: str) -> str:
    """``name`` when it may name a project, version or run.

    Letters of any script, digits, space, ``-``, ``_`` and ``.``; not hidden, no name that Windows reserves.

    Raises:
        ProjectError: it may not; says why.
    """
    trouble = None
    if not name or name != name.strip() or not all(_may_stand_in_a_name(letter) for letter in name):
        trouble = say("use letters, digits, spaces, - _ and . only, with none of them a space at either end")
    elif name.startswith(".") or name.endswith("."):
        trouble = say("must not begin or end with a dot")
    elif is_reserved(name):
        trouble = say("is reserved by Windows")
    elif len(name) > _LONGEST or len(name.encode()) > _LONGEST_BYTES:
        trouble = say(
            "is longer than {letters} letters, or than {size} bytes (33 of most Asian scripts)",
            letters=_LONGEST, size=_LONGEST_BYTES,
        )  # fmt: skip
    elif what == "project" and name.casefold() == PRESETS:
        trouble = say("is the folder of your own presets; choose another name")
    if trouble:
        raise ProjectError(say("{what} = {name!r}: {trouble}", what=what, name=name, trouble=trouble))
    return name


def is_reserved(name: str) -> bool:
    """Whether Windows keeps a name for a device, whatever its ending.

    >>> is_reserved("aux.safetensors"), is_reserved("auxiliary")
    (True, False)
    """
    return name.split(".")[0].rstrip().lower() in _RESERVED


def shortened(name: str, room: int) -> str:
    """As much of a name's beginning as leaves room for ``room`` more letters.

    >>> shortened("cat", 2), len(shortened("x" * 64, 2)), len(shortened("猫" * 33, 2))
    ('cat', 62, 32)
    """
    found = name[: _LONGEST - room]
    while len(found.encode()) > _LONGEST_BYTES - room:
        found = found[:-1]
    return found.rstrip(" .")


def _may_stand_in_a_name(letter: str) -> bool:
    return letter in " -_." or unicodedata.category(letter)[0] in "LMN"


def is_shelf(root: Path, name: str) -> bool:
    """Whether a folder below the root holds presets and is no project; an older project of the name stays one."""
    return name.casefold() == PRESETS and not (root / name / "versions").is_dir()


def below(root: Path, *parts: str) -> Path:
    """The path of ``parts`` below ``root``; what is there already is found in whichever Unicode form its name stands.

    Raises:
        ProjectError: links or ``..`` lead out of ``root``.
    """
    path = root
    for part in parts:
        path = child(path, part)
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # links in a circle, or no path at all
        inside = False
    if not inside:
        raise ProjectError(
            say("{path}: lies outside of {root}; remove the link that leads there", path=path, root=root)
        )
    return path


def made(path: Path) -> Path:
    """The folder, made where it is missing.

    Raises:
        ProjectError: it cannot be made or written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            say(
                "{path}: the folder cannot be made ({why}); {elsewhere}",
                path=path,
                why=reason(error),
                elsewhere=ELSEWHERE,
            )
        ) from error
    if not os.access(path, os.W_OK):
        raise ProjectError(say("{path}: the folder cannot be written to; {elsewhere}", path=path, elsewhere=ELSEWHERE))
    return path


def scanned(folder: Path) -> list["os.DirEntry[str]"]:
    """Entries of a folder without hidden and system files; empty where there is no such folder.

    Raises:
        ProjectError: it cannot be read.
    """
    try:
        with os.scandir(folder) as found:
            return [one for one in found if not out_of_sight(one.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as error:
        raise _unreadable(folder, error) from error


def _unreadable(folder: Path, error: Exception) -> ProjectError:
    return ProjectError(
        say("{folder}: the folder cannot be read ({why}); check its permissions", folder=folder, why=reason(error))
    )


def is_odd(name: str) -> bool:
    """Whether a name holds bytes that are no Unicode, or control letters: pages cannot send it back."""
    return any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name)


def folders_in(folder: Path) -> list[str]:
    """Names of the folders in a folder that can be opened, sorted; none where there is no such folder.

    Raises:
        ProjectError: it cannot be read.
    """
    return sorted(one.name for one in scanned(folder) if not is_odd(one.name) and os.path.isdir(one.path))


def files_in(folder: Path) -> list[str]:
    """The same of its files."""
    return sorted(one.name for one in scanned(folder) if not os.path.isdir(one.path))


def holds_pictures(folder: Path) -> bool:
    """Whether a folder holds a picture. Looks no further than the first: this is asked at every key.

    Raises:
        ProjectError: it cannot be read.
    """
    try:
        with os.scandir(folder) as found:
            return any(is_picture(one.name) and not out_of_sight(one.name) and not one.is_dir() for one in found)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise _unreadable(folder, error) from error


def oldest_first(paths: Iterable[Path]) -> list[Path]:
    """Those of the paths that are files; folders, dead links and deleted files are left out."""
    found = []
    for path in paths:
        with suppress(OSError):
            stat = path.stat()
            if S_ISREG(stat.st_mode):
                found.append((stat.st_mtime_ns, path.name, path))
    return [path for *_, path in sorted(found)]


def newest_first(folder: Path, *endings: str) -> list[Path]:
    """Files of a folder that have one of the endings and are not hidden; none where there is no such folder.

    Raises:
        ProjectError: it cannot be read.
    """
    found = []
    for one in scanned(folder):
        with suppress(OSError):  # moved away meanwhile, or a link to something that is not there
            if os.path.splitext(one.name)[1] in endings and one.is_file():
                found.append((one.stat().st_mtime_ns, one.name))
    return [folder / name for _, name in sorted(found, reverse=True)]
