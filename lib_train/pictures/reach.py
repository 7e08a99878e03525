"""Which files may be touched: those in some folders, wherever links lead."""

from collections.abc import Iterable
from pathlib import Path


class Reach:
    """Tells whether paths lie in some folders. Remembers the folders that it looked at, so it is for one use."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._roots = [found for root in roots if (found := _resolved(root))]
        self._known: dict[Path, bool] = {}

    def has_name(self, path: Path) -> bool:
        """Whether the folder that a name is in lies there; what the name itself may link to is not asked."""
        folder = path.parent
        if folder not in self._known:
            self._known[folder] = self._is_inside(folder)
        return self._known[folder] and path.name not in ("", ".", "..")

    def has_file(self, path: Path) -> bool:
        """Whether the file itself lies there."""
        return self.has_name(path) and (not path.is_symlink() or self._is_inside(path))

    def _is_inside(self, path: Path) -> bool:
        resolved = _resolved(path)
        return resolved is not None and any(resolved.is_relative_to(root) for root in self._roots)


def _resolved(path: Path) -> Path | None:
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):  # a name that no disk takes, or links in a circle
        return None
