"""LoRA files by the names that people know them by."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from lib_train.config.axes import is_path
from lib_train.host.protocol import Host
from lib_train.texts import say

_ENDING = ".safetensors"


def lora_finder(host: Host, checkpoints: Sequence[Path]) -> Callable[[str], Path]:
    """Finds the file of a name: a path, the name of one of these checkpoints, or of a file in the host's LoRA folder.

    What it gives raises ValueError where there is none.
    """

    def found(name: str) -> Path:
        path = Path(name)
        if is_path(name) and path.suffix.lower() == _ENDING and path.is_file():
            return path
        wanted = name.removesuffix(_ENDING)
        for one in (*checkpoints, *_below(host.lora_folder())):
            if wanted in (one.stem, one.name):
                return one
        raise ValueError(say("there is no LoRA {name!r}; name a checkpoint, an installed file or a path", name=name))

    return found


def _below(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    return sorted(Path(top, name) for top, _, names in os.walk(folder, followlinks=True)
                  for name in names if name.lower().endswith(_ENDING) and not name.startswith("."))  # fmt: skip
