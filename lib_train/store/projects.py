"""Projects and their versions on disk."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from lib_train.config.codec import from_json
from lib_train.config.drafts import Check
from lib_train.config.run import RunConfig
from lib_train.files import written
from lib_train.locks import held, require_unused
from lib_train.store.entries import opened
from lib_train.store.json_files import changed_alone, read_json, write_json
from lib_train.store.layout import below, checked_name, folders_in, holds_pictures, is_shelf, made, newest_first
from lib_train.store.moves import copied, discarded, moved
from lib_train.store.older import OLDER_FILES, older_checkpoints, older_settings
from lib_train.store.settings import Kept, keep_in, kept_in, replace_in
from lib_train.texts import say

_LOCKS = ("runs/*/lock", "previews/.lock-*", "dataset/.lock-*", ".edits.jsonl.lock")
"""Lock files of processes that work in a version."""
_COPIED = ("version.json", "binding.json", "regularisation.json", "dataset", *OLDER_FILES)
"""What of a version a copy has too."""


@dataclass(frozen=True)
class Version:
    """One version of a project: settings, pictures, checkpoints, runs."""

    project: "Project"
    name: str

    @property
    def folder(self) -> Path:
        """The version's folder, whether it is there or not."""
        return self.inside()

    def inside(self, *parts: str) -> Path:
        """A path of this version, whether it is there or not.

        Raises:
            ProjectError: a link leads out of the root.
        """
        return below(self.project.root, self.project.name, "versions", self.name, *parts)

    def part(self, *parts: str) -> Path:
        """A folder of this version, made where it is missing: "checkpoints", "cache", "previews", "runs" ..."""
        return made(self.inside(*parts))

    def pictures(self, kind: str = "train") -> Path | None:
        """The version's own folder of "train" or "reg" pictures when it holds any."""
        for name in (kind, "processed") if kind == "train" else (kind,):  # "processed": the older extension's
            folder = self.inside("dataset", name)
            if any(holds_pictures(folder / inner) for inner in folders_in(folder)):
                return folder
        return None

    def settings(self) -> tuple[RunConfig, list[str]]:
        """What version.json holds, and notes on what is not known in it; the defaults when there is none yet.

        What the older extension left is read where there is no version.json.

        Raises:
            ProjectError: it is no JSON object.
            ConfigError: it holds settings that cannot be used.
        """
        path = self.inside("version.json")
        older = None if path.exists() else older_settings(path.parent)
        return older or from_json(read_json(path))

    def kept(self, check: Check | None = None) -> Kept:
        """What version.json holds, also where some of it cannot be used; see ``settings`` for the rest.

        Args:
            check: what drafts must pass, too, before they count as usable.

        Raises:
            ProjectError: it is no JSON object.
            ConfigError: it is of a newer version, or holds no settings.
        """
        return kept_in(self.inside("version.json"), check)

    def keep(self, changes: Mapping[str, Any], check: Check | None = None) -> Kept:
        """Change some settings by name in version.json; see ``store.settings.keep_in``."""
        return keep_in(self.part() / "version.json", changes, check)

    def keep_settings(self, config: RunConfig) -> None:
        """Write version.json; keys in it that are not known stay.

        Raises:
            ProjectError: it is no JSON object, or cannot be written.
            ConfigError: it is of a newer version.
        """
        replace_in(self.part() / "version.json", config)

    def checkpoints(self) -> list[Path]:
        """Checkpoint files, newest first; behind them those of the older extension."""
        return newest_first(self.inside("checkpoints"), ".safetensors") + older_checkpoints(self.folder)

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """While entered, no process can rename or delete it: its pictures are being made."""
        lock = self.part("previews") / f".lock-{uuid4().hex}"
        with held(lock, say("{name}, whose previews are made,", name=self.name)):
            yield

    @contextmanager
    def filled(self) -> Iterator[None]:
        """While entered, no process can rename or delete it: pictures come into it.

        Raises:
            ProjectError: it is not there any more, or cannot be written to.
        """
        with suppress(OSError):  # then the lock says it
            self.inside("dataset").mkdir(exist_ok=True)
        lock = self.inside("dataset") / f".lock-{uuid4().hex}"
        with held(lock, say("{name}, into which pictures come,", name=self.name)):
            yield

    def require_unused(self, what: str) -> None:
        """Check that no process trains in this version, makes pictures of it or brings some into it.

        Raises:
            HostBusyError: one does.
        """
        require_unused(self.folder, _LOCKS, what)

    def rename(self, name: str) -> "Version":
        """The same version under another name; checkpoints keep the names they were written under.

        Raises:
            ProjectError: the name may not be used, or is taken.
            HostBusyError: a process works in it.
        """
        self.require_unused(f"version = {self.name!r}")
        return Version(self.project, moved(self.folder, name, "version"))

    def copy(self, name: str) -> "Version":
        """A new version with settings and pictures of this one; checkpoints and runs stay here.

        Raises:
            ProjectError: the name may not be used, or is taken, or the disk is full.
        """
        copied(self.folder, name, "version", _COPIED)
        return Version(self.project, name)

    def discard(self, path: Path) -> Path:
        """Move a file of this version into the trash below the root; returns where it lies."""
        return discarded(self.project.root, path, path.name)

    def delete(self) -> Path:
        """Move the version into the trash below the root; returns where it lies.

        Raises:
            HostBusyError: a process works in it.
        """
        self.require_unused(f"version = {self.name!r}")
        return discarded(self.project.root, self.folder, f"{self.project.name}-{self.name}")


@dataclass(frozen=True)
class Project:
    """A folder below ``root`` with its versions."""

    root: Path
    name: str

    @property
    def folder(self) -> Path:
        """The project's folder, whether it is there or not."""
        return below(self.root, self.name)

    def versions(self) -> list[Version]:
        """All versions by name."""
        return [Version(self, name) for name in folders_in(self.folder / "versions")]

    def version(self, name: str) -> Version:
        """The version of that name, made where it is missing.

        Raises:
            ProjectError: the name may not be used.
        """
        version = self.named(name)
        version.part("checkpoints")
        return version

    def named(self, name: str) -> Version:
        """The version of that name, whether it is there or not; one that is there opens under any name.

        Raises:
            ProjectError: the name may not be used, or what is there cannot be opened.
        """
        return Version(self, opened(self.folder / "versions", name, "version", self.root))

    def rename(self, name: str) -> "Project":
        """The same project under another name.

        Raises:
            ProjectError: the name may not be used, or is taken.
            HostBusyError: a process works in it.
        """
        self._require_unused()
        return Project(self.root, moved(self.folder, name, "project"))

    def _require_unused(self) -> None:
        for version in self.versions():
            version.require_unused(f"project = {self.name!r}")

    def copy(self, name: str) -> "Project":
        """A new project with the notes, settings and pictures of this one; checkpoints and runs stay here.

        Raises:
            ProjectError: the name may not be used, or is taken, or the disk is full.
        """
        parts = [f"versions/{version.name}/{part}" for version in self.versions() for part in _COPIED]
        copied(self.folder, name, "project", ("project.json", *parts))
        return Project(self.root, name)

    def notes(self) -> str:
        """What a person wrote about the project."""
        return str(read_json(self.folder / "project.json").get("notes", ""))

    def keep_notes(self, notes: str | Callable[[str], str]) -> None:
        """Write the notes, or what is made of those of now; everything else in project.json stays."""
        path = self.folder / "project.json"
        with changed_alone(path):
            new = notes(self.notes()) if callable(notes) else notes
            write_json(path, {**read_json(path), "notes": new})

    def delete(self) -> Path:
        """Move the project into the trash below the root; returns where it lies.

        Raises:
            HostBusyError: a process works in it.
        """
        self._require_unused()
        return discarded(self.root, self.folder, self.name)


def projects(root: Path) -> list[Project]:
    """All projects below ``root``, by name."""
    return [Project(root, name) for name in folders_in(root) if not is_shelf(root, name)]


def project_named(root: Path, name: str) -> Project:
    """The project of that name, whether it is there or not; one that is there opens under any name.

    Raises:
        ProjectError: the name may not be used, or what is there cannot be opened.
    """
    return Project(root, opened(root, name, "project", root))


def version_named(root: Path, project: str, version: str) -> Version:
    """The version of that name, whether it is there or not; see ``project_named``."""
    return project_named(root, project).named(version)


def open_project(root: Path, name: str) -> Project:
    """The project of that name, made where it is missing.

    Raises:
        ProjectError: the name may not be used, or the folder cannot be written to.
    """
    project = project_named(root, name)
    made(root)
    made(project.folder)
    if not (project.folder / "project.json").exists():
        _begin(project)
    return project


@contextmanager
def new_project(root: Path, name: str) -> Iterator[Project]:
    """Lends a project that nobody sees before it has its name, at the end; after an error nothing is left of it.

    Raises:
        ProjectError: the name may not be used, or the root cannot be written to.
        FileExistsError: there is one of this name.
        OSError: the project cannot be written.
    """
    with written(made(root) / checked_name(name, "project"), replace=False) as partial:
        project = Project(root, partial.name)
        partial.mkdir()
        _begin(project)
        yield project


def _begin(project: Project) -> None:
    path = project.folder / "project.json"
    with changed_alone(path):
        if not path.exists():  # another process may have been faster
            write_json(path, {"schema": 1, "created": time.time(), "notes": ""})
