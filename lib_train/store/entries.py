"""Entries of a folder of projects or versions, which may also hold other files."""

import os
from pathlib import Path
from typing import NamedTuple

from lib_train.errors import ProjectError, reason
from lib_train.names import composed
from lib_train.store.layout import checked_name, is_odd, is_shelf, scanned
from lib_train.texts import say

_TRIES = 5
"""What is renamed while a folder is read would be missing under either name."""


class Entry(NamedTuple):
    """A folder, or another thing where one is expected."""

    name: str
    """As it can be shown: bytes that are no Unicode are escaped."""
    problem: str
    """Why it cannot be opened; empty when it can."""
    changed: int
    """When something in it was made, renamed or removed, in nanoseconds."""
    number: int = 0
    """The file system's own, which stays when it is renamed; 0 where it is not known."""


def entries_in(folder: Path, root: Path, inner: str = "") -> list[Entry]:
    """Folders that are not hidden, and links that lead to none, by name; none where there is no such folder.

    Args:
        inner: name of a folder in each of them that must be one, too, where it is there.

    Raises:
        ProjectError: the folder cannot be read.
    """
    for _ in range(_TRIES):
        there = [one for one in scanned(folder) if folder != root or not is_shelf(root, one.name)]
        found = [_entry(one, root, inner) for one in there]
        if all(os.path.lexists(one.path) for one in there):
            break
    return sorted((entry for entry in found if entry), key=lambda entry: entry.name)


def opened(folder: Path, name: str, what: str, root: Path) -> str:
    """The name under which a folder has a project or version, or may get it when it is new.

    What is there opens under any name; a letter may be composed or decomposed.

    Raises:
        ProjectError: there is none and the name may not be used, or what is there cannot be opened.
    """
    there = {one.name: one for one in scanned(folder) if composed(one.name) == composed(name)
             and (folder != root or not is_shelf(root, one.name))}  # fmt: skip
    if not there:
        return checked_name(name, what)
    one = there[name] if name in there else next(iter(there.values()))
    entry = _entry(one, root, "")
    if entry is None or entry.problem:
        problem = entry.problem if entry else say("is a file; move it away")
        raise ProjectError(say("{what} = {name!r}: {problem}", what=what, name=name, problem=problem))
    return one.name


def _entry(one: "os.DirEntry[str]", root: Path, inner: str) -> Entry | None:
    readable = os.fsencode(one.name).decode("utf-8", "backslashreplace")
    try:
        changed = one.stat().st_mtime_ns
        if not one.is_dir():
            return None
    except FileNotFoundError:
        return Entry(readable, say("is a link to something that is not there"), 0) if one.is_symlink() else None
    except OSError as error:
        return Entry(readable, say("cannot be read ({why})", why=reason(error)), 0)
    return Entry(readable, _problem(one, root, inner), changed, one.inode())


def _problem(one: "os.DirEntry[str]", root: Path, inner: str) -> str:
    if is_odd(one.name):
        return say("has letters in its name that are no Unicode, or cannot be seen; rename the folder")
    if one.is_symlink() and not Path(one.path).resolve().is_relative_to(root.resolve()):
        return say("is a link that leads out of the output folder; put the folder itself there")
    for folder in (one.path, os.path.join(one.path, inner)):
        try:
            os.scandir(folder).close()
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            return say("{folder} in it is no folder; move it away", folder=inner)
        except OSError as error:
            return say("cannot be read ({why}); check its permissions", why=reason(error))
    return ""
