"""Which previews of a run are missing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.host.protocol import Host
from lib_train.jobs.axis_drawing import lines_of
from lib_train.jobs.axis_files import key_of
from lib_train.jobs.sheet_pictures import is_one_of, named
from lib_train.previews.requests import distinct, sheets
from lib_train.store.json_files import read_json
from lib_train.store.layout import SHEET
from lib_train.store.projects import Version


def undrawn(host: Host, version: Version, networks: Sequence[Path], config: RunConfig) -> tuple[int, int]:
    """Number of pictures of the previews' settings that are missing, and number of all.

    Of sheets by axes all pictures count as missing until their files are there.
    """
    by_chance = any(seed < 0 for seed in config.preview.preview_seeds)
    wanted: Counter[tuple[str, str]] = Counter()
    for number, sheet in enumerate(sheets(config.preview, networks, config.dataset.size), 1):
        for request in distinct(sheet):
            owner, name = named(request, sheet, f"p{number}", "*" if by_chance else str(request.seed))
            wanted[owner, name] += 1
    there = {owner: [path.stem for path in version.inside("previews", owner).glob("*.png")] for owner, _ in wanted}
    missing = 0
    for (owner, name), count in wanted.items():
        missing += max(0, count - sum(map(is_one_of(name), there[owner])))
    keys = {str(told.get("key")) for told in _told(version)}
    for one in lines_of(host, version, networks, config):
        count = sum(len(distinct(sheet)) for sheet in one.pages)
        wanted["", one.line.texts[0]] += count
        missing += 0 if key_of(one) in keys else count
    return missing, wanted.total()


def _told(version: Version) -> Iterator[dict[str, Any]]:
    for path in version.inside("previews").glob(f"{SHEET}-*.json"):
        with suppress(TrainToolsError):
            yield read_json(path)
