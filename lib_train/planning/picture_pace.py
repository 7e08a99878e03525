"""How long pictures take here: what those that were made before tell."""

import platform
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from lib_train.errors import ProjectError
from lib_train.picture_request import PictureRequest
from lib_train.store.json_files import changed_alone, read_json, write_json

_MOST = 200
"""Pictures that are remembered."""


class Taken(NamedTuple):
    """How long a picture took."""

    request: PictureRequest
    seconds: float


class PicturePace:
    """Seconds of the pictures of one version.

    Args:
        cache: folder of the version that may be deleted.
        device: type of the device that draws, such as "cuda".
        model: title of the base model.
    """

    def __init__(self, cache: Path, device: str, model: str) -> None:
        self._path, self._of = cache / "picture_pace.json", [platform.node(), device, model]

    def keep(self, taken: Iterable[Taken]) -> None:
        """Remember how long pictures took."""
        rows = [{"of": self._of, "sampler": one.request.sampler, "work": _work(one.request), "seconds": one.seconds}
                for one in taken]  # fmt: skip
        if rows:
            with changed_alone(self._path):
                write_json(self._path, {"pictures": [*self._rows(), *rows][-_MOST:]})

    def seconds(self, requests: Sequence[PictureRequest]) -> float | None:
        """How long these pictures would take; None where none was made here before."""
        rows = [row for row in self._rows() if row.get("of") == self._of]
        if not rows:
            return None
        usual = median(row["seconds"] / row["work"] for row in rows)
        samplers = {row["sampler"] for row in rows}
        own = {
            name: median(row["seconds"] / row["work"] for row in rows if row["sampler"] == name) for name in samplers
        }
        return float(sum(_work(one) * own.get(one.sampler, usual) for one in requests))

    def _rows(self) -> list[dict[str, Any]]:
        with suppress(OSError, ProjectError):
            found = read_json(self._path).get("pictures", [])
            return [row for row in found if isinstance(row, dict) and _tells(row)] if isinstance(found, list) else []
        return []


def _tells(row: dict[str, Any]) -> bool:
    numbers = row.get("work"), row.get("seconds")
    return all(isinstance(number, int | float) and number > 0 for number in numbers) and isinstance(
        row.get("sampler"), str
    )


def _work(request: PictureRequest) -> int:
    """Steps times pixels."""
    return request.steps * request.width * request.height
