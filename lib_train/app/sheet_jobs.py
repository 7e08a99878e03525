"""Sheets by axes as jobs, and those that there are."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from lib_train.app.kept import KeptSettings
from lib_train.app.lora_files import LoraFiles
from lib_train.app.preview_jobs import Flat, require_host
from lib_train.app.results import Results
from lib_train.app.service import Service
from lib_train.config.axes import AS_IS, AXES, NOTHING, is_path
from lib_train.config.codec import from_json, to_json
from lib_train.config.sheet_lines import SheetLine, line_of
from lib_train.errors import ConfigError, ProjectError, TrainToolsError
from lib_train.jobs.axis_drawing import Count
from lib_train.jobs.found_loras import lora_finder
from lib_train.jobs.queue import Job, Queue, Stopped, Task
from lib_train.jobs.wishes import Wishes
from lib_train.lora_tools.block_lists import PRESETS, presets_of
from lib_train.names import row_labels
from lib_train.store.json_files import read_json
from lib_train.store.layout import SHEET
from lib_train.store.projects import Version
from lib_train.store.runs import paths_of
from lib_train.texts import say

_ENDINGS = (".html", ".json")


class SheetJobs:
    """Counts sheets, gives them to the queue, and makes them when their turn has come."""

    def __init__(
        self, service: Service, results: Results, files: LoraFiles, kept: KeptSettings, queue: Queue, wishes: Wishes
    ) -> None:
        self._service, self._results, self._files, self._kept = service, results, files, kept
        self._queue, self._wishes = queue, wishes
        queue.kinds["sheet"] = self._drawing

    def count(
        self, project: str, version: str, sides: Sequence[str], files: Sequence[str] = (), settings: Flat | None = None
    ) -> Count:
        """How many pictures a sheet has; nothing is written.

        Args:
            sides: axes of rows, columns and pages; see ``line_of``.
            files: names of checkpoints, the oldest first; none takes all of the version.
            settings: by name; None takes the version's own.

        Raises:
            TrainToolsError: it cannot be made.
        """
        return self._count(self._job(project, version, sides, files, settings))

    def add(
        self, project: str, version: str, sides: Sequence[str], files: Sequence[str] = (),
        settings: Flat | None = None, language: str = "",
    ) -> tuple[Count, int]:  # fmt: skip
        """Add a sheet to the queue; how many pictures it has, and the job's number.

        Args:
            language: of its page; see ``languages.language_named``.

        Raises:
            TrainToolsError: it cannot be made, or there are no checkpoints.
        """
        job = self._job(project, version, sides, files, settings, language)
        return self._count(job), self._queue.add(job)

    def listed(self, project: str, version: str) -> list[dict[str, Any]]:
        """Sheets of the version, newest first: name, prompt, axes, and the files of their pages."""
        folder = self._results.versions.named(project, version).inside("previews")
        found = []
        for path in sorted(folder.glob(f"{SHEET}-*.json"), reverse=True):
            with suppress(TrainToolsError, TypeError, AttributeError, KeyError):
                told = read_json(path)
                pages = [folder / str(one["png"]) for one in told["sheets"]]
                found.append({
                    "name": path.stem, "prompt": str(told["prompt"]),
                    "axes": [str(told[side]["axis"]) for side in ("rows", "columns", "pages")],
                    "pages": [str(page) for page in pages if page.parent == folder and page.is_file()],
                    "html": path.with_suffix(".html").is_file(),
                })  # fmt: skip
        return found

    def file(self, project: str, version: str, name: str, kind: str) -> Path:
        """The page or the JSON of a sheet.

        Raises:
            ProjectError: there is none of this name.
        """
        folder = self._results.versions.named(project, version).inside("previews")
        names = {path.name for ending in _ENDINGS for path in folder.glob(f"{SHEET}-*{ending}")}
        if f"{name}.{kind}" not in names:
            raise ProjectError(say("sheet = {name!r}: there is none of this name; refresh the list", name=name))
        return folder / f"{name}.{kind}"

    def axes(self, project: str, version: str) -> list[dict[str, Any]]:
        """All axes: name, an example of values, and values that are known here."""
        host, there = self._service.host, self._results.versions.named(project, version)
        samplers = list(host.samplers())
        checkpoints = paths_of(there)[::-1]
        known: Mapping[str, Sequence[str]] = {
            "checkpoint": row_labels(checkpoints) if checkpoints else (),
            "blocks": (AS_IS, *PRESETS, *presets_of(host.block_presets())),
            "sampler": samplers,
            "scheduler": list(dict.fromkeys(name for one in samplers for name in host.schedulers(one))),
            "lora": (NOTHING, *(path.stem for path in checkpoints)),
        }
        return [{"name": name, "example": axis.example, "values": list(dict.fromkeys(known.get(name, ())))}
                for name, axis in AXES.items()]  # fmt: skip

    def _job(
        self, project: str, version: str, sides: Sequence[str], files: Sequence[str], settings: Flat | None,
        language: str = "",
    ) -> Job:  # fmt: skip
        kept, line = self._kept, line_of(*sides)
        config = kept.for_run(project, version) if settings is None else kept.permitted.config_of(settings)
        asked = {"sides": list(line.texts), "files": list(files), "settings": to_json(config), "language": language}
        note = " | ".join(line.texts)
        return Job(kind="sheet", project=project, version=version, config=asked, note=note)

    def _count(self, job: Job) -> Count:
        line, files, there = self._asked(job)
        return self._service.sheets.count(line, files, from_json(job.config["settings"])[0], there, self._finder(there))

    def _asked(self, job: Job) -> tuple[SheetLine, list[Path], Version]:
        there = self._results.versions.named(job.project, job.version)
        files = [self._file(job.project, job.version, str(name)) for name in job.config.get("files", ())]
        return line_of(*map(str, job.config.get("sides", ()))), files, there

    def _file(self, project: str, version: str, name: str) -> Path:
        return self._files.path(name) if is_path(name) else self._results.checkpoint(project, version, name)

    def _finder(self, version: Version) -> Any:
        named = lora_finder(self._service.host, paths_of(version))

        def found(name: str) -> Path:
            if not is_path(name):
                return named(name)
            try:
                return self._files.path(name)
            except ConfigError as error:
                raise ValueError(error.problems[0].remedy) from error

        return found

    def _drawing(self, job: Job) -> Task:
        line, files, there = self._asked(job)
        config = from_json(job.config.get("settings", {}))[0]

        def do() -> str:
            draw, language = self._service.sheets.draw, str(job.config.get("language", ""))
            made = draw(line, files, config, there, self._wishes.stop, language, self._finder(there))
            if self._wishes.stop.is_set():
                raise Stopped(say("the pictures made so far are kept"))
            count, folder = sum(len(one.pages) for one in made), made[0].html.parent
            if count == 1:
                return say("1 sheet in {folder}", folder=folder)
            return say("{count} sheets in {folder}", count=count, folder=folder)

        read = tuple(files or paths_of(there))
        return Task(do=do, ready=partial(require_host, self._service.host), files=read)
