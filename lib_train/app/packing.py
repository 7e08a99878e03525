"""Packs a project for another machine: pictures, settings and waiting jobs, and what they name elsewhere."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from lib_train.app.packed_parts import Outside, files_of, own_pictures, resumable
from lib_train.checkpoints.hashes import model_hashes
from lib_train.config.codec import from_json, to_json
from lib_train.config.run import RunConfig
from lib_train.errors import ModelFileError, ProjectError
from lib_train.host.protocol import BaseModelRef, Host
from lib_train.jobs.file_facts import own_version
from lib_train.jobs.provenance import base_json, base_of
from lib_train.names import is_picture
from lib_train.store.choices import CHOICES
from lib_train.store.json_files import as_json, read_json
from lib_train.store.pack_files import GoOn, Item, write_pack
from lib_train.store.pack_places import FILES, FOLDERS, last_part, with_paths
from lib_train.store.pack_places import MODELS as MODEL_FILES
from lib_train.store.packs import MODELS, PROJECT, Manifest
from lib_train.store.projects import Project, Version, project_named
from lib_train.store.queue import Job
from lib_train.store.queue_file import QueueFile
from lib_train.store.runs import Run
from lib_train.store.version_notes import NOTES, notes_of
from lib_train.texts import say

_PATHS = (*FOLDERS, *FILES, *MODEL_FILES)
_COPIED = (
    NOTES,
    CHOICES,
    "binding.json",
    "regularisation.json",
    "train_config.json",
    "preview_config.json",
    "dataset_config.json",
)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What goes into an archive beside pictures, settings and waiting jobs."""

    versions: Sequence[str] = ()
    """Empty is all."""
    with_model: bool = False
    """The base model and its VAE, too: gigabytes."""
    with_runs: bool = False
    """Runs that can be resumed, with their newest state."""
    with_checkpoints: bool = False
    """Checkpoints that are there."""


@dataclass
class Report:
    """What went into an archive."""

    path: Path
    manifest: Manifest
    bytes: int = 0
    stay: list[Job] = field(default_factory=list)
    """Jobs that wait and stay at home."""
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The same for a person: how large it is, what is in it, and which models are wanted there."""
        pictures = sum(is_picture(one.path) for one in self.manifest.files)
        known = self.manifest
        head = say("{path}: {size:.1f} MiB; pictures: {pictures}, waiting jobs: {jobs}, runs to resume: {runs}",
                   path=self.path, size=self.bytes / 2**20, pictures=pictures, jobs=len(known.jobs),
                   runs=len(known.runs))  # fmt: skip
        lines: list[str] = [head]
        marks = [*self.manifest.bases.values(), *(job["base"] for job in self.manifest.jobs)]
        wanted = {f"{mark['title']} [{(mark['sha256'] or mark['content'])[:10]}]"
                  for one in marks for mark in one if mark}  # fmt: skip
        packed = any(one.path.startswith(f"{MODELS}/") for one in self.manifest.files)
        if wanted and not packed:
            lines.append(say("wanted there: {models}", models=", ".join(sorted(wanted))))
        lines += [say("job {number} stays here: trainings alone travel", number=one.number)
                  for one in self.stay]  # fmt: skip
        return lines


class Packing:
    """Packs projects below one root."""

    def __init__(self, host: Host, root: Path) -> None:
        self._host, self._root = host, root

    def pack(self, name: str, wish: Wish, file: Path, go_on: GoOn, *, replaces: bool = False) -> Report:
        """Write a project's archive; nothing of the project is changed.

        Args:
            file: that is written, whole or not at all.
            replaces: whether a file of this name may be replaced.

        Raises:
            TrainToolsError: there is no such project or version; a folder or file that its settings name is missing; or
                the archive cannot be written.
        """
        project = project_named(self._root, name)
        if not project.folder.is_dir():
            raise ProjectError(
                say("project = {name!r}: there is none of this name; choose another, or make it first", name=name)
            )
        gathering = _Gathering(self._host, project, _chosen(project, wish.versions), wish)
        manifest = gathering.manifest(QueueFile(self._root).read().waiting)
        whole = write_pack(file, manifest, gathering.items, go_on, replaces=replaces)
        stay = [one for one in QueueFile(self._root).read().waiting if _is_of(one, project.name, whole.versions)]
        left = [one for one in stay if one.key not in {job["key"] for job in whole.jobs}]
        return Report(file, whole, file.stat().st_size, left, gathering.notes)

    def take_out(self, report: Report) -> None:
        """Take the jobs of an archive out of the queue.

        Raises:
            TrainToolsError: queue.json cannot be written.
        """
        gone = {job["key"] for job in report.manifest.jobs}
        QueueFile(self._root).change(
            lambda jobs: replace(jobs, waiting=tuple(one for one in jobs.waiting if one.key not in gone))
        )


def _chosen(project: Project, names: Sequence[str]) -> list[Version]:
    there = project.versions()
    chosen = [project.named(name) for name in dict.fromkeys(names)] or there
    for version in chosen:
        if version.name not in [one.name for one in there]:
            raise ProjectError(
                say("{project} {version}: there is none of this name; choose another, or make it first",
                    project=project.name, version=version.name)
            )  # fmt: skip
    return chosen


def _is_of(job: Job, project: str, versions: Sequence[str]) -> bool:
    return job.project == project and job.version in versions


Marks = Sequence[Mapping[str, Any] | None]
"""Of a base model and a VAE; see ``provenance.base_json``."""


class _Gathering:
    """What goes into one archive."""

    def __init__(self, host: Host, project: Project, versions: Sequence[Version], wish: Wish) -> None:
        self._host, self._project, self._versions, self._wish = host, project, versions, wish
        self.items: list[Item] = []
        self.notes: list[str] = []
        self._outside = Outside(project.folder, self._add)
        self._models: dict[str, Path] = {}
        self._hashes: dict[Path, str] = {}
        self._paths: set[str] = set()

    def manifest(self, waiting: Sequence[Job]) -> Manifest:
        """Gathers all of it; the list of files follows when they are written."""
        names = [one.name for one in self._versions]
        kept = read_json(self._project.folder / "project.json")
        self._add(Item("project.json", as_json({name: kept[name] for name in ("schema", "created", "notes")
                                                if name in kept})))  # fmt: skip
        bases = {version.name: self._version(version) for version in self._versions}
        runs = {}
        for version in self._versions if self._wish.with_runs else ():
            for run in resumable(version):
                key = f"{version.name}/{run.name}"
                runs[key], bases[key] = run.newest().step, self._run(run)
        jobs = [one for one in waiting if _is_of(one, self._project.name, names) and self._goes(one, runs)]
        created = kept.get("created")
        return Manifest(
            kind=PROJECT,
            id=uuid4().hex,
            project=self._project.name,
            created=created if isinstance(created, float | int) else 0.0,
            program=own_version(),
            versions=names,
            notes=self._project.notes(),
            version_notes={version.name: asdict(notes_of(version)) for version in self._versions},
            jobs=[self._job(one) for one in jobs],
            runs=runs,
            bases=bases,
        )

    def _add(self, item: Item) -> None:
        if item.path not in self._paths:
            self._paths.add(item.path)
            self.items.append(item)

    def _version(self, version: Version) -> list[dict[str, Any] | None]:
        """Adds a version; returns the marks of its base model and VAE."""
        kept, place = version.kept(), f"versions/{version.name}"
        drafts = {name: with_paths(value, _named_only) for name, value in kept.drafts.items() if name not in _PATHS}
        settings = {**to_json(kept.config), "revision": kept.revision, **({"drafts": drafts} if drafts else {})}
        self._add(Item(f"{place}/version.json", as_json(with_paths(settings, self._outside.of(kept.config)))))
        for name in _COPIED:
            if (path := version.inside(name)).is_file():
                value = read_json(path)
                words = (
                    value if name in (NOTES, CHOICES) else with_paths(value, _named_only)
                )  # notes are as somebody wrote them
                self._add(Item(f"{place}/{name}", as_json(words)))
        for path in own_pictures(version, kept.config.dataset.caption_extension):
            self._add(Item(f"{place}/{path.relative_to(version.folder).as_posix()}", path))
        for path in version.checkpoints() if self._wish.with_checkpoints else ():
            if path.parent == version.inside("checkpoints"):
                self._add(Item(f"{place}/checkpoints/{path.name}", path))
        return self._base(version.name, kept.config)

    def _base(self, name: str, config: RunConfig) -> list[dict[str, Any] | None]:
        try:
            ref = self._host.find(config.base_model, config.vae, config.prediction_type)
            return self._marks(ref)
        except ModelFileError as error:
            self.notes.append(say("{name}: its base model is not known here: {why}", name=name, why=error))
            return []

    def _marks(self, ref: BaseModelRef) -> list[dict[str, Any] | None]:
        marks = base_json(base_of(ref))
        for mark, path in zip(marks, (ref.path, ref.vae), strict=True):
            if mark and path:
                mark |= {"path": path.name, "sha256": mark["sha256"] or self._sha256(path)}
                if self._wish.with_model:
                    self._model(path, str(mark["content"]))
        return marks

    def _sha256(self, path: Path) -> str:
        """By which people and the WebUI know a model; seconds for a large file."""
        if path not in self._hashes:
            self._hashes[path] = model_hashes(path)[1]
        return self._hashes[path]

    def _model(self, path: Path, content: str) -> None:
        """Adds a model file once, whatever its names."""
        if content not in self._models:
            self._models[content] = path
            folder = f"{MODELS}/{len(self._models)}"
            beside = path.with_suffix(".yaml")
            for one in (path, *([beside] if beside.is_file() else [])):
                self._add(Item(f"{folder}/{one.name}", one))

    def _run(self, run: Run) -> list[dict[str, Any] | None]:
        """Adds a run; returns the marks of its base model and VAE."""
        settings = run.settings()
        config = from_json(settings["config"])[0]
        for item in files_of(run, self._outside.of(config)):
            self._add(item)
        made = settings.get("made_of", {})
        return self._with_hashes([made.get("base_model"), made.get("vae")], config)

    def _with_hashes(self, marks: Marks, config: RunConfig) -> list[dict[str, Any] | None]:
        """The marks of a job or run, with the hashes by which people know these files, where they are here.

        Takes the files along where that is asked for.
        """
        known: dict[Any, Any] = {}
        with suppress(ModelFileError):
            ref = self._host.find(config.base_model, config.vae, config.prediction_type)
            known = {mark["content"]: mark["sha256"] for mark in self._marks(ref) if mark}
        found = [dict(with_paths(mark, _named_only)) if isinstance(mark, Mapping) else None for mark in marks]
        return [mark and {**mark, "sha256": mark.get("sha256") or known.get(mark.get("content"), "")} for mark in found]

    @staticmethod
    def _goes(job: Job, runs: Mapping[str, int]) -> bool:
        return job.kind == "train" or (job.kind == "resume" and f"{job.version}/{job.config.get('run')}" in runs)

    def _job(self, job: Job) -> dict[str, Any]:
        if job.kind != "train":
            return {**asdict(job), "base": [], "number": 0}
        config = from_json(job.config)[0]
        settings = with_paths(job.config, self._outside.of(config))
        base = self._with_hashes(job.base, config)
        return {**asdict(job), "config": settings, "base": base, "pictures": "", "number": 0}


def _named_only(key: str, path: str) -> str:
    return last_part(path)
