"""Numbers in the place of the paths of very many pictures, which are mostly alike."""

from pathlib import Path
from typing import Any

from lib_train.error_json import without_root

NONE = -1
"""In the place of a picture that there is not."""


class Numbers:
    """Gives each picture a number. Folders, and ends of names behind that of their folder, are told once each."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._pictures: list[int] = []

    def of(self, path: str) -> int:
        """The picture's number, from 0; ``NONE`` for no path."""
        if not path:
            return NONE
        folder, _, name = path.replace("\\", "/").rpartition("/")
        own = folder.rpartition("/")[2]
        end = f"/{name[len(own) :]}" if name.startswith(own) else name
        self._pictures.append(self._folders.setdefault(folder, len(self._folders)))
        self._pictures.append(self._ends.setdefault(end, len(self._ends)))
        return len(self._pictures) // 2 - 1

    def as_json(self) -> dict[str, Any]:
        """Folders below the root, ends of names, and of each picture in turn the numbers of its folder and its end.

        A slash at the beginning of an end stands for the folder's name.
        """
        inside = f"{self._root}/".replace("\\", "/")
        return {
            "folders": [without_root(folder.replace(inside, ""), self._root) for folder in self._folders],
            "ends": list(self._ends),
            "pictures": self._pictures,
        }
