"""Tools on LoRA files, one function each: files and settings in, what was made out.

Each tells how far it is, and can be cancelled: nothing is written then, and None is returned.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from lib_train.app.works import GoOn
from lib_train.config.tools import ResizeConfig
from lib_train.lora_tools import resize as resizing
from lib_train.lora_tools.outcome import Outcome, Tell, told

__all__ = ["Outcome", "resize", "told"]


class _Cancelled(Exception):
    """Somebody does not want it any more."""


def _always(done: int, total: int) -> bool:
    return True


def resize(file: Path, to: Path, settings: ResizeConfig, go_on: GoOn = _always) -> Outcome | None:
    """A network file of any kind as a LoRA of fewer ranks.

    Raises:
        TrainToolsError: the file or the settings cannot be used, or the new file cannot be written.
    """
    return _done(partial(resizing.resize, file, to, settings), go_on)


def _done(act: Callable[..., Outcome], go_on: GoOn) -> Outcome | None:
    try:
        return act(tell=_tell(go_on))
    except _Cancelled:
        return None


def _tell(go_on: GoOn) -> Tell:
    def tell(done: int, total: int) -> None:
        if not go_on(done, total):
            raise _Cancelled

    return tell
