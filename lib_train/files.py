"""The one writer: a file or folder appears whole or not at all, and is on the disk before it has its name.

Until then it lies beside its place under a hidden name that tells the process, so that what a killed one left is
found and cleared away.
"""

import errno
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from lib_train.processes import lives, machine, started

_PARTIAL = re.compile(r"\.([0-9a-f]{8})\.(\d{1,10})\.(\d{1,20})\.[0-9a-f]{8}\.partial")
_EARLIER = re.compile(r"\.((.+\.)?(\d+(-\d+)?|[0-9a-f]{32})|.+\.(safetensors|png)|step-\d{8})\.partial")
"""Names that earlier versions gave; they do not tell the machine."""
_FORGOTTEN_SECONDS = 24 * 3600
_LONGEST_SWEEP_SECONDS = 2.0
_TRASH = ".trash"
_SYNCS = 8  # at once: disks sort them
_swept: set[str] = set()


def write_whole(path: Path, *parts: bytes | memoryview, replace: bool = True, durable: bool = True) -> None:
    """Write bytes under a name, whole or not at all.

    Args:
        replace, durable: as for ``written``.

    Raises:
        OSError: as ``written``, or the disk is full.
    """
    with written(path, replace=replace, durable=durable) as partial, partial.open("wb") as file:
        file.writelines(parts)


@contextmanager
def written(path: Path, *, replace: bool = True, durable: bool = True) -> Iterator[Path]:
    """Lends a path beside ``path``: what the caller writes there, a file or a folder, gets its name at the end.

    After an error, of whatever kind, nothing is left of it and ``path`` is as it was; only what replaced something
    stays, whole, where all but its name was brought to the disk.

    Args:
        replace: whether a file that has the name, or a link, may be replaced; a folder that holds anything never is.
        durable: whether all of it, and its name, are on the disk when this returns. A cache needs not.

    Raises:
        FileExistsError: something has the name already, and ``replace`` is false.
        OSError: the folder is missing or cannot be written to.
    """
    _sweep_once(path.parent)
    partial = _partial_in(path.parent)
    try:
        yield partial
        if durable:
            _sync(partial)
        _name(partial, path, replace)
        if durable:
            _sync_name(path, is_new=not replace)
    finally:
        _remove(partial)


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Lends a path in a folder for a folder of one's own, which is gone afterwards, after a kill by the next sweep."""
    _sweep_once(parent)
    folder = _partial_in(parent)
    try:
        yield folder
    finally:
        _remove(folder)


def _partial_in(folder: Path) -> Path:
    pid = os.getpid()
    return folder / f".{machine()}.{pid}.{started(pid)}.{uuid4().hex[:8]}.partial"


def _sync_name(path: Path, is_new: bool) -> None:
    try:
        sync_folder(path.parent)
    except OSError:
        if is_new:
            _remove(path)
        raise


def free_bytes(folder: Path) -> int | None:
    """Free bytes on the disk of a folder that need not exist yet; None where the system does not say."""
    for place in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def sync_all(paths: Iterable[Path]) -> None:
    """Bring many files that were not written durably to the disk, and the names in their folders.

    Much faster than one by one: most systems write all of them with the first. A file that is gone is left out.
    """
    files = list(paths)
    with ThreadPoolExecutor(_SYNCS) as threads:
        list(threads.map(_sync_there, files))
    for folder in {path.parent for path in files}:
        with suppress(FileNotFoundError):
            sync_folder(folder)


def _sync_there(path: Path) -> None:
    with suppress(FileNotFoundError):
        if path.is_dir():
            sync_folder(path)
        else:
            _sync_file(path)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where the system can (Windows cannot, and needs not)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network folders know no such thing
            raise
    finally:
        os.close(handle)


def sweep(root: Path) -> None:
    """Clear away what killed processes left half written below a folder; links are not followed.

    What a living process writes stays. Of a process of another machine nobody knows that: what it left goes when
    nothing was written there for a day. Ends after two seconds (about 400,000 files on a disk of its own).
    """
    end, folders = time.monotonic() + _LONGEST_SWEEP_SECONDS, [str(root)]
    while folders and time.monotonic() < end:
        for entry in _entries(folders.pop()):
            if entry.name.endswith(".partial") and _is_left(entry):
                _remove(Path(entry.path))
            elif entry.name != _TRASH and _is_folder(entry):
                folders.append(entry.path)


def _sweep_once(folder: Path) -> None:
    """Sweep this one folder when the process writes into it for the first time: it may lie outside of every root."""
    if str(folder) not in _swept:
        _swept.add(str(folder))
        sweep_folder(folder)


def sweep_folder(folder: Path) -> None:
    """As ``sweep``, of what lies in this folder itself."""
    for entry in _entries(str(folder)):
        if _PARTIAL.fullmatch(entry.name) and _is_left(entry):
            _remove(Path(entry.path))


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_left(entry: "os.DirEntry[str]") -> bool:
    named = _PARTIAL.fullmatch(entry.name)
    if named and named[1] == machine():
        pid, start = int(named[2]), int(named[3])
        if not lives(pid, start):
            return True
        if start:  # it is that very process
            return False
    elif not named and not _EARLIER.fullmatch(entry.name):
        return False
    return time.time() - _newest(Path(entry.path)) > _FORGOTTEN_SECONDS


def _newest(path: Path) -> float:
    """When something was last written in a file or folder, in seconds; now, where that cannot be found out."""
    try:
        times = [path.lstat().st_mtime]
        for folder, _, names in os.walk(path):
            times += [os.lstat(os.path.join(folder, name)).st_mtime for name in (".", *names)]
    except OSError:
        return time.time()
    return max(times)


def _sync(partial: Path) -> None:
    """Bring a file, or all files and folders of a folder, to the disk."""
    if not partial.is_dir():
        _sync_file(partial)
        return
    for folder, _, names in os.walk(partial):
        for name in names:
            _sync_file(Path(folder, name))
        sync_folder(Path(folder))


def _sync_file(path: Path) -> None:
    if path.is_symlink():
        return
    writable = os.access(path, os.W_OK)  # Windows asks for it; a copy of a picture may be read-only
    handle = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _name(partial: Path, path: Path, replace: bool) -> None:
    if replace:
        os.replace(partial, path)
    elif os.name == "nt" or partial.is_dir():
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        try:
            os.rename(partial, path)
        except OSError as error:
            if error.errno == errno.ENOTEMPTY:  # a folder that came between the look and the name
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
            raise
    else:
        _name_exclusively(partial, path)


def _name_exclusively(partial: Path, path: Path) -> None:
    try:
        os.link(partial, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: take the name first, then put the file there
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        try:
            os.replace(partial, path)
        except BaseException:
            os.unlink(path)
            raise


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):  # it has its name now, or could not be made
            path.unlink()
