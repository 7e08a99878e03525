"""Runs that come home, under their names where these are free, and else under others with all that bears them.

Files of checkpoints are not changed: their own ``ss_output_name`` tells the name under which they were trained, and
their hashes stay those under which they may be known already. What names a checkpoint for the WebUI, the infotext of
previews, gets the new name: it would apply another file.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lib_train.app.unpacking import json_in
from lib_train.checkpoints.resume import FACTS, with_other_facts
from lib_train.files import write_whole, written
from lib_train.store.json_files import as_json
from lib_train.store.pack_files import Pack
from lib_train.store.pack_places import FILES, FOLDERS, MODELS, last_part, with_paths
from lib_train.store.packs import MARK
from lib_train.store.projects import Version
from lib_train.store.runs import Run, runs_of
from lib_train.texts import say


class Names:
    """What checkpoints of a version are called here.

    Args:
        project: name of the project there.
    """

    def __init__(self, project: str, version: Version) -> None:
        self._project, self._version = project, version
        self._stems: dict[str, str] = {}

    def there(self, run: str) -> str:
        """How names of a run's checkpoints begin there."""
        return f"{self._project}-{self._version.name}-{run}"

    def usual(self, run: str) -> str:
        """How they would begin here."""
        return f"{self._version.project.name}-{self._version.name}-{run}"

    def add(self, there: str, here: str) -> None:
        """Names that begin in one way there begin in another way here."""
        if there != here:
            self._stems[there] = here

    def here(self, name: str) -> str:
        """A file's or folder's name here."""
        return self.in_text(name)

    def in_text(self, text: str) -> str:
        """A text with the names of here."""
        if not self._stems:
            return text
        known = "|".join(re.escape(one) for one in sorted(self._stems, key=len, reverse=True))
        return re.sub(rf"(?<![\w-])({known})(?!\w)", lambda found: self._stems[found[1]], text)


class BroughtRun:
    """A run in an archive of results.

    Args:
        name: of the run there.
        names: learns what its checkpoints are called here.
    """

    def __init__(self, pack: Pack, version: Version, name: str, names: Names, with_states: bool) -> None:
        self._pack, self._version, self._names, self._states = pack, version, names, with_states
        self._name, self._top = name, f"versions/{version.name}/runs/{name}"
        self._settings = json_in(pack, f"{self._top}/run.json")
        log = f"{self._top}/events.jsonl"
        self._log = pack.read(log).split(b"\n") if pack.has(log) else []
        self.here = name
        """Its name here."""

    def bring(self, note: Callable[[str], object]) -> bool:
        """Write it, or what it went on with since it left; returns whether anything of it is new.

        Raises:
            HostBusyError: it is trained here now.
            OSError: it cannot be written.
        """
        steps = _steps(self._log)
        twins = [run for run in runs_of(self._version) if _identity(run.settings()) == _identity(self._settings)]
        for twin in twins:
            known = _steps(_lines_of(twin))
            if not steps or (known and known[-1] in steps) or steps[-1] in known or self._waited(twin):
                self._meet(twin)
                return bool(steps) and steps[-1] not in known and self._grow(twin)
        self.here = next(self._free_names())
        if self.here != self._name:
            self._names.add(self._names.there(self._name), self._names.usual(self.here))
            note(say("{version} {name} came as {here}: a run of this name is here", version=self._version.name,
                     name=self._name, here=self.here))  # fmt: skip
        with written(self._version.part("runs") / self.here, replace=False) as partial:
            self._write(partial)
        return True

    def _waited(self, twin: Run) -> bool:
        """Whether a run of here has not gone on since it was packed, or could not."""
        packed = self._pack.manifest.runs.get(f"{self._version.name}/{self._name}")
        return packed == twin.newest().step or twin.state_step() is None

    def _meet(self, twin: Run) -> None:
        """Take the names that a run of here has."""
        self.here = twin.name
        there = self._names.there(self._name)
        ends = [file.removeprefix(there) for file in _files(self._log) if file.startswith(there)]
        found = [file.removesuffix(end) for file, end in zip(_files(_lines_of(twin)), ends, strict=False)
                 if file.endswith(end)]  # fmt: skip
        if twin.name != self._name:
            self._names.add(there, found[0] if found else self._names.usual(twin.name))

    def _grow(self, twin: Run) -> bool:
        with twin.held():
            for name in self._names_in():
                write_whole(twin.folder / name, self._content(name))
            for state in self._states_in():
                if not (twin.state_folder / state).exists():
                    with written(twin.state_folder / state, replace=False) as partial:
                        self._state(state, partial)
            (twin.folder / "error.txt").unlink(missing_ok=True)  # it has gone on since
        return True

    def _write(self, partial: Path) -> None:
        partial.mkdir()
        for name in self._names_in():
            (partial / name).write_bytes(self._content(name))
        (partial / "state").mkdir()
        for state in self._states_in():
            self._state(state, partial / "state" / state)

    def _names_in(self) -> list[str]:
        """Its settings and logs, the settings last: they make it a run."""
        inner = [one.path.removeprefix(f"{self._top}/") for one in self._pack.below(self._top)]
        return sorted((name for name in inner if "/" not in name), key=lambda name: name == "run.json")

    def _content(self, name: str) -> bytes:
        if name == "run.json":
            return as_json(with_paths(self._settings, self._change))
        if name != "events.jsonl":
            return self._pack.read(f"{self._top}/{name}")
        return b"\n".join(self._names.in_text(line.decode()).encode() if b'"CheckpointSaved"' in line else line
                          for line in self._log)  # fmt: skip

    def _states_in(self) -> list[str]:
        found = self._pack.below(f"{self._top}/state") if self._states else []
        return list(dict.fromkeys(one.path.split("/")[5] for one in found))

    def _state(self, name: str, partial: Path) -> None:
        for one in self._pack.below(f"{self._top}/state/{name}"):
            self._pack.copy(one.path, partial / one.path.rpartition("/")[2])
        (partial / FACTS).write_bytes(with_other_facts(partial, lambda facts: dict(with_paths(facts, self._change))))

    def _change(self, key: str, text: str) -> str:
        """A path of here for one of there: what the version's settings name, where it has the same name."""
        name = last_part(text.removeprefix(MARK))
        config = self._version.kept().config
        named: Any = ()
        if key in MODELS:
            named = (getattr(config, key),)
        elif key in (*FOLDERS, *FILES):
            sections = (config.dataset, config.training, config.network)
            named = next((getattr(one, key) for one in sections if hasattr(one, key)), ())
        named = (named,) if isinstance(named, str) else named
        return next((one for one in named if last_part(one) == name), name)

    def _free_names(self) -> Iterator[str]:
        """Names that no run of the version has, its own first, and no checkpoint of a run whose folder is gone."""
        there = [path.name for path in self._version.checkpoints()]
        for name in (self._name, *(f"r{number:03d}" for number in range(1, 10000))):
            stems = self._names.usual(name), self._names.there(name)
            taken = any(file.startswith((f"{stem}.", f"{stem}-")) for file in there for stem in stems)
            if not taken and not os.path.lexists(self._version.inside("runs", name)):
                yield name


def _identity(settings: dict[str, Any]) -> tuple[object, object]:
    """What no two runs have in common."""
    return settings.get("session_id"), settings.get("started_at")


def _lines_of(run: Run) -> list[bytes]:
    path = run.folder / "events.jsonl"
    return path.read_bytes().split(b"\n") if path.is_file() else []


def _steps(log: list[bytes]) -> list[bytes]:
    """Lines of steps: each tells its time, so that no two runs have one in common."""
    return [line for line in log if b'"StepDone"' in line]


def _files(log: list[bytes]) -> list[str]:
    """Names of the checkpoints in a log."""
    found = []
    for line in log:
        if b'"CheckpointSaved"' in line:
            try:
                found.append(str(json.loads(line).get("file")))
            except (ValueError, AttributeError):  # torn by a crash
                continue
    return found
