"""States to resume from: a folder of safetensors and JSON, whole or not at all. No pickles."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from lib_train.checkpoints.files import unwritable
from lib_train.errors import FileError, reason
from lib_train.files import written
from lib_train.texts import say

_PREFIX = "step-"
TENSORS, FACTS = "tensors.safetensors", "state.json"
"""Files of a state."""


def write_state(folder: Path, step: int, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> Path:
    """Write ``folder``/step-00000123 and then drop all but this and the one before; returns the new state's folder.

    Raises:
        FileError: the disk is full or cannot be written to; the states before are unharmed.
    """
    target = folder / f"{_PREFIX}{step:08d}"
    if target.exists() and _is_whole(target):
        return target
    content = save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
    plain = json.loads(json.dumps(facts))
    document = {"schema": 1, "facts": plain, "sha256": _digest(content, plain)}
    shutil.rmtree(target, ignore_errors=True)  # it is damaged
    try:
        with written(target) as partial:
            partial.mkdir(parents=True)
            (partial / TENSORS).write_bytes(content)
            (partial / FACTS).write_bytes(json.dumps(document).encode())
    except OSError as error:
        raise unwritable(target, len(content), error) from error
    states = _states(folder)
    place = states.index(target)
    # a later one is damaged, since the run went on from before it
    for other in (*states[: max(0, place - 1)], *states[place + 1 :]):
        shutil.rmtree(other, ignore_errors=True)
    return target


def latest_state(folder: Path) -> Path | None:
    """The newest whole state of a run; a damaged one is passed over. None when there is none."""
    return next((state for state in reversed(_states(folder)) if _is_whole(state)), None)


def read_state(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and facts of a state.

    Raises:
        FileError: it is damaged.
    """
    try:
        content = (path / TENSORS).read_bytes()
        document = json.loads((path / FACTS).read_text(encoding="utf-8"))
        if _digest(content, document["facts"]) != document["sha256"]:
            raise ValueError(say("its checksum differs"))
        return dict(load(content)), dict(document["facts"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, SafetensorError) as error:
        raise FileError(
            say("{path}: the state is damaged ({why}); resume from the one before it", path=path, why=reason(error))
        ) from error


def read_facts(path: Path) -> dict[str, Any]:
    """Facts of a state that is whole, without its tensors; none where there are none to read."""
    try:
        return dict(json.loads((path / FACTS).read_text(encoding="utf-8"))["facts"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def with_other_facts(path: Path, change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> bytes:
    """What stands in a state's state.json when its facts are others: they and its tensors still prove each other.

    Raises:
        FileError: it is damaged.
    """
    _, facts = read_state(path)
    content, plain = (path / TENSORS).read_bytes(), json.loads(json.dumps(change(facts)))
    return json.dumps({"schema": 1, "facts": plain, "sha256": _digest(content, plain)}).encode()


def _digest(content: bytes, facts: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(content)
    digest.update(json.dumps(facts, sort_keys=True).encode())
    return digest.hexdigest()


def _states(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{_PREFIX}[0-9]*"))


def _is_whole(path: Path) -> bool:
    try:
        read_state(path)
    except FileError:
        return False
    return True
