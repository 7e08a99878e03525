"""Settings that travel: paths of one machine become places in an archive, and those become paths of another one."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

from lib_train.config.codec import names
from lib_train.errors import ArchiveError
from lib_train.store.packs import MARK, trouble_in
from lib_train.texts import say

FOLDERS = ("train_data_dir", "reg_data_dir", "validation_data_dir")
"""Settings that name folders of pictures."""
FILES = ("network_weights", "base_weights")
"""Settings that name LoRA files."""
MODELS = ("base_model", "vae")
Change = Callable[[str, str], str]
"""Given the name of a setting and a path of it, what takes its place; of no setting the name is another key's."""
_ABSOLUTE = re.compile(r"(/|~|[A-Za-z]:[\\/]|\\\\)")


def with_paths(value: Any, change: Change, key: str = "") -> Any:
    """JSON values with other paths.

    Looked at are ``FOLDERS``, ``FILES`` and ``MODELS`` wherever they stand, and whatever looks like a path from the
    root of a disk and is no text of another setting.
    """
    if isinstance(value, Mapping):
        return {name: with_paths(one, change, name) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [with_paths(one, change, key) for one in value]
    if not isinstance(value, str) or not value:
        return value
    is_path = key in (*FOLDERS, *FILES, *MODELS)
    return change(key, value) if is_path or (key not in names() and _ABSOLUTE.match(value)) else value


def last_part(path: str) -> str:
    """The name at the end of a path of whichever system.

    >>> last_part("/home/me/model.safetensors"), last_part("C:\\\\sd\\\\a.ckpt"), last_part("model.ckpt")
    ('model.safetensors', 'a.ckpt', 'model.ckpt')
    """
    return PureWindowsPath(path).name


def unpacked_into(folder: Path, name: str) -> Change:
    """What makes paths below a project's folder of the places in its archive; of other paths the name alone stays.

    Args:
        name: of the archive, for messages.
    """

    def change(key: str, text: str) -> str:
        if not text.startswith(MARK):
            return last_part(text) if _ABSOLUTE.match(text) else text
        place = text.removeprefix(MARK)
        if trouble := trouble_in(f"{place}/x"):
            raise ArchiveError(say("{name}: {key} in it names {place!r:.120}, which {trouble}", name=name, key=key,
                                   place=place, trouble=trouble))  # fmt: skip
        return str(folder.joinpath(*place.split("/")))

    return change


def packed_from(folder: Path) -> Change:
    """The way back: paths below the project's folder become places again; of others the name alone stays."""
    tops = [f"{top}/" for top in {folder.as_posix(), folder.resolve().as_posix(), folder.absolute().as_posix()}]

    def change(key: str, text: str) -> str:
        plain = text.replace("\\", "/") if PureWindowsPath(text).drive else text
        top = next((top for top in tops if plain.startswith(top)), "")
        if top:
            return MARK + plain.removeprefix(top)
        return last_part(text) if _ABSOLUTE.match(text) else text

    return change
