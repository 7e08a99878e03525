"""A session that is made when it is first needed.

What it is made of are 130 modules, which a program that starts should not wait for.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from lib_train.app.session import Session


class _Later:
    def __init__(self, root: Path, make: Callable[[], "Session"]) -> None:
        self.root, self._make = root, make
        self._lock = threading.Lock()
        self._made: Session | None = None

    def __getattr__(self, name: str) -> Any:
        with self._lock:  # two requests at once
            if self._made is None:
                self._made = self._make()
        return getattr(self._made, name)


def later(root: Path, make: Callable[[], "Session"]) -> "Session":
    """Stands for the session that ``make`` will return: whatever is asked of it but ``root`` makes it.

    Args:
        root: of that session.
    """
    return cast("Session", _Later(root, make))
