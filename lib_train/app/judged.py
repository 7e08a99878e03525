"""What checkpoints are judged by, and what is known of them: for commands, jobs and the end of a run."""

from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from typing import Any

from lib_train.app.folders import with_own_folders
from lib_train.app.plans import Look
from lib_train.config.codec import from_json
from lib_train.errors import FileError, ModelFileError
from lib_train.host.protocol import Host
from lib_train.jobs.judged_pictures import Judging, judging_of
from lib_train.jobs.judging import due, judge
from lib_train.jobs.listener import Listener
from lib_train.jobs.picked import picked
from lib_train.jobs.provenance import mark_of
from lib_train.judging.figures import summary
from lib_train.judging.suggestion import Row, suggested
from lib_train.judging.told import SHOWN
from lib_train.store.figures import Judged, judged_in
from lib_train.store.layout import checked_name
from lib_train.store.projects import Version
from lib_train.store.runs import Checkpoint, Run, checkpoints_of, run_named, runs_of
from lib_train.texts import joined, say, with_texts


@dataclass(frozen=True)
class Prepared:
    """A run whose checkpoints are to be measured."""

    version: Version
    judging: Judging
    checkpoints: tuple[Path, ...]
    """All of the run, oldest first."""

    def due(self) -> list[Path]:
        """See ``jobs.judging.due``."""
        return due(self.version, self.judging, self.checkpoints)

    def carry_out(self, host: Host, listener: Listener, stop: Flag) -> int:
        """See ``jobs.judging.judge``."""
        return judge(host, self.version, self.judging, self.checkpoints, listener, stop)


def prepared(host: Host, version: Version, name: str, look: Look) -> Prepared:
    """What the checkpoints of a run are measured by. Loads no model.

    Args:
        name: of the run; empty is the newest that has checkpoints.
        look: finds the pictures.

    Raises:
        TrainToolsError: there is no such run, it has no checkpoints, or its base model or pictures cannot be used.
    """
    run = run_of(version, name)
    checkpoints = run.checkpoints()
    if not checkpoints:
        raise FileError(say("{run}: has no checkpoints; choose another run, or train first", run=run.name))
    config = with_own_folders(from_json(run.settings()["config"])[0], version)
    found = picked(look(config.dataset), config, version)
    ref = host.find(config.base_model, config.vae, config.prediction_type)
    judging = judging_of(config, ref, found, version, drawn=host.size_of(ref).small)
    return Prepared(version, judging, checkpoints)


def run_of(version: Version, name: str) -> Run:
    """The run of that name; for an empty one the newest that has checkpoints.

    Raises:
        TrainToolsError: there is none.
    """
    if name:
        return run_named(version, checked_name(name, "run"))
    runs = [run for run in runs_of(version) if run.checkpoints()]
    if not runs:
        raise FileError(say("{version}: holds no checkpoints yet; train first", version=version.name))
    return runs[-1]


def outcome(version: Version, count: int) -> str:
    """How many checkpoints were measured, and the suggestion, in a line."""
    told = answer(version)["suggestion"]
    measured = say("checkpoints measured: {count}", count=count) if count else say("all of them are measured already")
    return joined("; ", (measured, told["reason"])) if told else measured


def answer(version: Version) -> dict[str, Any]:
    """What is known of a version's checkpoints, oldest first, as JSON values; nothing is measured or written.

    Figures of a file that was replaced since are not among it: they speak for other weights.

    Raises:
        TrainToolsError: figures.json or a run's log cannot be read.
    """
    kept = judged_in(version)
    there = [one for one in checkpoints_of(version) if one.run][::-1]
    known = [(one, kept[one.path.name]) for one in there if _is_of(kept.get(one.path.name), one.path)]
    runs, judged = {one.run for one, _ in known}, {one for one, _ in known}
    missing = [one for one in there if one.run in runs and one not in judged]
    newest = known[-1][0].run if known else None
    rows = [row_of(*one) for one in known if one[0].run == newest]
    found = None if any(one.run == newest for one in missing) else suggested(rows)  # one of the others may fit better
    return {
        "checkpoints": [_told(*one) for one in known],
        "shown": [
            with_texts({"name": name, **told._asdict()})
            for name, told in SHOWN.items()
            if any(name in _values(one) for _, one in known)
        ],
        "suggestion": with_texts({"checkpoint": found.checkpoint, "reason": found.reason}) if found else None,
        "seconds": sum(one.seconds for _, one in known) if known else None,
        "state": ("part" if missing else "done") if known else "none",
    }


def _is_of(judged: Judged | None, path: Path) -> bool:
    """Whether the file is still the one that was measured."""
    try:
        return judged is not None and judged.content == mark_of(path).content
    except ModelFileError:  # deleted meanwhile
        return False


def row_of(checkpoint: Checkpoint, judged: Judged) -> Row:
    """As the suggestion takes it."""
    return Row(checkpoint.path.stem, checkpoint.step, checkpoint.epoch, _values(judged))


def _told(checkpoint: Checkpoint, judged: Judged) -> dict[str, Any]:
    return {
        "name": checkpoint.path.stem,
        "run": checkpoint.run,
        "step": checkpoint.step,
        "epoch": checkpoint.epoch,
        "figures": {name: value for name, value in _values(judged).items() if name in SHOWN},
        "bands": {name: judged.bands[name] for name in SHOWN if name in judged.bands},
        "seconds": judged.seconds,
    }


def _values(judged: Judged) -> dict[str, float]:
    """Its figures, those that are shown first and in that order."""
    found = {**judged.figures, **summary(judged.bands)}
    return {name: found[name] for name in (*SHOWN, *found) if name in found}
