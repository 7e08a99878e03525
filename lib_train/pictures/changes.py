"""What an edit does to files, each of it with its way back. Nothing is deleted, no link is followed."""

import base64
import errno
import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from lib_train.errors import reason
from lib_train.files import write_whole, written
from lib_train.names import composed
from lib_train.texts import say


class Link(NamedTuple):
    """A symbolic link, as content of a path."""

    target: str


Content = bytes | Link | None
"""What lies at a path; None is nothing."""


class Change(NamedTuple):
    """New content of a small file, such as a caption. A link is replaced, not followed."""

    path: Path
    before: Content
    """What the writer saw there; of a link also the bytes that it leads to."""
    after: Content


class Move(NamedTuple):
    """A file, or a folder with all that is in it, that gets another name or folder."""

    source: Path
    target: Path


class Made(NamedTuple):
    """A new file that lies beside others, such as a picture cut out of one."""

    path: Path
    source: Path | None = None
    """Where it lies until the edit gives it its name; None when it lies at ``path`` already."""


Step = Change | Move | Made


class Left(Exception):
    """A file that an edit leaves as it is; the message says why."""


class Failed(Left):
    """The same, because of the disk or of permissions: it may be tried again."""


def paths_of(step: Step) -> tuple[Path, ...]:
    """All paths that a step changes."""
    return (step.source, step.target) if isinstance(step, Move) else (step.path,)


def ready(step: Step) -> tuple[Step, str]:
    """The step as a journal notes it, and the digest of what was made; nothing is changed yet.

    Raises:
        Left: it cannot be done, as things are.
    """
    with told():
        if isinstance(step, Made):
            if step.source:
                _require_movable(step.source, step.path)
            return step, digest_of(step.source or step.path)
        if isinstance(step, Move):
            _require_movable(step.source, step.target)
            return step, ""
        present = content_of(step.path)
        if present != step.before and not (isinstance(present, Link) and step.path.read_bytes() == step.before):
            raise Left(say("was changed meanwhile"))
        return Change(step.path, present, step.after), ""


def content_of(path: Path) -> Content:
    """What lies at a path.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return Link(os.readlink(path)) if path.is_symlink() else path.read_bytes()
    except FileNotFoundError:
        return None


def content_json(content: Content) -> Any:
    """Text as it is, so that people can read the log; bytes that are none in base 64."""
    if content is None or isinstance(content, Link):
        return {"link": content.target} if content else None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def content_from(value: Any) -> Content:
    """What ``content_json`` has made of it."""
    if isinstance(value, dict):
        return Link(value["link"]) if "link" in value else base64.b64decode(value["base64"])
    return None if value is None else str(value).encode()


def digest_of(file: Path | bytes) -> str:
    """Hexadecimal digest of a file's content.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    with io.BytesIO(file) if isinstance(file, bytes) else file.open("rb") as content:
        while block := content.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def told() -> Iterator[None]:
    """Turns errors of the system into ``Failed``."""
    try:
        yield
    except OSError as error:
        raise Failed(say("cannot be changed ({why}); make room or check permissions", why=reason(error))) from error


def swap(path: Path, before: Content, after: Content, torn: bool = False) -> bool:
    """Bring a small file from one content to another, whole or not at all.

    Args:
        torn: whether a power cut may have emptied it in the middle of such a change.

    Returns:
        Whether it had to be changed: it may have the new content already.

    Raises:
        Left: it has neither content.
    """
    with told():
        present = content_of(path)
        if present == after:
            return False
        emptied = torn and isinstance(present, bytes) and not present.strip(b"\0")
        if present != before and not emptied:
            raise Left(say("was changed meanwhile"))
        _put(path, after)
        return True


def _put(path: Path, content: Content) -> None:
    if content is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Link):
        with written(path, durable=False) as partial:
            os.symlink(content.target, partial)
    else:
        write_whole(path, content, durable=False)


def move(source: Path, target: Path) -> bool:
    """Give a file another name, also on another disk; what has that name already is never replaced.

    Returns:
        Whether it had to be moved: it may lie there already.

    Raises:
        Left: it is not there, or the name is taken.
    """
    with told():
        if os.path.lexists(target) and not os.path.lexists(source):
            return False
        _require_movable(source, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _carry(source, target)
        return True


def leave_no_empty(folders: Iterable[Path], but: Iterable[Path], left_out: Path) -> None:
    """Remove those of the folders that the last file has left: they would be told of as folders that are not used.

    Args:
        but: stay, empty or not.
        left_out: folders stay whose pictures were taken out into it, for these come back.
    """
    empty = [folder for folder in folders if folder.is_dir() and not os.listdir(folder)]
    if empty:
        kept = {os.path.realpath(folder) for folder in but}
        names = {composed(path.parent.name) for path in left_out.rglob("*") if path.is_file()}
        for folder in empty:
            if os.path.realpath(folder) not in kept and composed(folder.name) not in names:
                with suppress(OSError):  # somebody put something in meanwhile
                    folder.rmdir()


def _require_movable(source: Path, target: Path) -> None:
    if not os.path.lexists(source):
        raise Left(say("is not there any more"))
    if os.path.lexists(target) and not _is_same(source, target):
        raise Left(say("{name} is there already", name=target.name))


def _is_same(source: Path, target: Path) -> bool:
    """Whether two names are one file's, as ``a.PNG`` and ``a.png`` on some disks."""
    alike = source.parent == target.parent and composed(source.name).casefold() == composed(target.name).casefold()
    return alike and not source.is_symlink() and os.path.samefile(source, target)


def _carry(source: Path, target: Path) -> None:
    """Move between disks: a copy, and when that is safe the original goes."""
    with written(target, replace=False) as partial:
        shutil.copy2(source, partial, follow_symlinks=False)
    source.unlink()
