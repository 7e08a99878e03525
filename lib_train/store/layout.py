"""Where things lie below the root folder, and which names they may have."""

import os
import re
from pathlib import Path

from lib_train.errors import ProjectError

ROOT = Path("output") / "train_tools"
"""Default root, below the host's data folder."""
_LONGEST = 64
_NAME = re.compile(r"[\w \-.]+")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def checked_name(name: str, what: str) -> str:
    """``name`` when it may name a project or version.

    Letters of any script, digits, space, ``-``, ``_`` and ``.``; not hidden, no name that Windows reserves.

    Raises:
        ProjectError: it may not; says why.
    """
    trouble = None
    if not name or name != name.strip() or not _NAME.fullmatch(name):
        trouble = "use letters, digits, spaces, - _ and . only, with none of them a space at either end"
    elif name.startswith(".") or name.endswith("."):
        trouble = "must not begin or end with a dot"
    elif name.split(".")[0].lower() in _RESERVED:
        trouble = "is reserved by Windows"
    elif len(name) > _LONGEST:
        trouble = f"is longer than {_LONGEST} letters"
    if trouble:
        raise ProjectError(f"{what} = {name!r}: {trouble}")
    return name


def below(root: Path, *parts: str) -> Path:
    """The path of ``parts`` below ``root``.

    Raises:
        ProjectError: links or ``..`` lead out of ``root``.
    """
    path = root.joinpath(*parts)
    if not path.resolve().is_relative_to(root.resolve()):
        raise ProjectError(f"{path}: lies outside of {root}; remove the link that leads there")
    return path


def made(path: Path) -> Path:
    """The folder, made where it is missing.

    Raises:
        ProjectError: it cannot be made or written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(f"{path}: the folder cannot be made ({error.strerror}); choose another --output") from error
    if not os.access(path, os.W_OK):
        raise ProjectError(f"{path}: the folder cannot be written to; choose another --output")
    return path
