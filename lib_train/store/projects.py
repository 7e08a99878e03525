"""Projects and their versions on disk."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from lib_train.config.codec import from_json, rewritten
from lib_train.config.run import RunConfig
from lib_train.errors import ProjectError
from lib_train.files import written
from lib_train.names import child, composed, is_picture
from lib_train.store.json_files import read_json, write_json
from lib_train.store.layout import below, checked_name, files_in, folders_in, made, newest_first
from lib_train.store.lock import held, require_unused
from lib_train.store.older import OLDER_FILES, older_checkpoints, older_settings

_TRASH = ".trash"
_LOCKS = ("runs/*/lock", "previews/.lock-*")
"""Held by whoever works in a version."""
_COPIED = ("version.json", "dataset", *OLDER_FILES)
"""What of a version a copy has too."""


@dataclass(frozen=True)
class Version:
    """One version of a project: settings, pictures, checkpoints, runs."""

    project: "Project"
    name: str

    @property
    def folder(self) -> Path:
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
            if any(is_picture(file) for inner in folders_in(folder) for file in files_in(folder / inner)):
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

    def keep_settings(self, config: RunConfig) -> None:
        """Write version.json; keys in it that are not known stay.

        Raises:
            ProjectError: it is no JSON object, or cannot be written.
            ConfigError: it is of a newer version.
        """
        path = self.part() / "version.json"
        write_json(path, rewritten(config, read_json(path)))

    def checkpoints(self) -> list[Path]:
        """Checkpoint files, newest first; behind them those of the older extension."""
        return newest_first(self.inside("checkpoints"), ".safetensors") + older_checkpoints(self.folder)

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """While entered, pictures of it are made: it can neither be renamed nor deleted, by whatever process."""
        with held(self.part("previews") / f".lock-{uuid4().hex}", f"{self.name}, whose previews are made,"):
            yield

    def require_unused(self, what: str) -> None:
        """Pass when no process trains in this version or makes pictures of it.

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
        return Version(self.project, _moved(self.folder, name, "version"))

    def copy(self, name: str) -> "Version":
        """A new version with settings and pictures of this one; checkpoints and runs stay here.

        Raises:
            ProjectError: the name may not be used, or is taken, or the disk is full.
        """
        _copied(self.folder, name, "version", _COPIED)
        return Version(self.project, name)

    def discard(self, path: Path) -> Path:
        """Move a file of this version into the trash below the root; returns where it lies."""
        return _discarded(self.project.root, path, path.name)

    def delete(self) -> Path:
        """Move the version into the trash below the root; returns where it lies.

        Raises:
            HostBusyError: a process works in it.
        """
        self.require_unused(f"version = {self.name!r}")
        return _discarded(self.project.root, self.folder, f"{self.project.name}-{self.name}")


@dataclass(frozen=True)
class Project:
    """A folder below ``root`` with its versions."""

    root: Path
    name: str

    @property
    def folder(self) -> Path:
        return below(self.root, self.name)

    def versions(self) -> list[Version]:
        """All versions by name."""
        return [Version(self, name) for name in folders_in(self.folder / "versions")]

    def version(self, name: str) -> Version:
        """The version of that name, made where it is missing.

        Raises:
            ProjectError: the name may not be used.
        """
        there = map(composed, folders_in(self.folder / "versions"))
        if composed(name) not in there:  # one made by hand or by the older extension opens
            checked_name(name, "version")
        version = Version(self, name)
        version.part("checkpoints")
        return version

    def rename(self, name: str) -> "Project":
        """The same project under another name.

        Raises:
            ProjectError: the name may not be used, or is taken.
            HostBusyError: a process works in it.
        """
        self._require_unused()
        return Project(self.root, _moved(self.folder, name, "project"))

    def _require_unused(self) -> None:
        for version in self.versions():
            version.require_unused(f"project = {self.name!r}")

    def copy(self, name: str) -> "Project":
        """A new project with the notes, settings and pictures of this one; checkpoints and runs stay here.

        Raises:
            ProjectError: the name may not be used, or is taken, or the disk is full.
        """
        parts = [f"versions/{version.name}/{part}" for version in self.versions() for part in _COPIED]
        _copied(self.folder, name, "project", ("project.json", *parts))
        return Project(self.root, name)

    def notes(self) -> str:
        """What a person wrote about the project."""
        return str(read_json(self.folder / "project.json").get("notes", ""))

    def keep_notes(self, notes: str) -> None:
        """Write the notes; everything else in project.json stays."""
        write_json(self.folder / "project.json", {**read_json(self.folder / "project.json"), "notes": notes})

    def delete(self) -> Path:
        """Move the project into the trash below the root; returns where it lies.

        Raises:
            HostBusyError: a process works in it.
        """
        self._require_unused()
        return _discarded(self.root, self.folder, self.name)


def projects(root: Path) -> list[Project]:
    """All projects below ``root``, by name."""
    return [Project(root, name) for name in folders_in(root)]


def open_project(root: Path, name: str) -> Project:
    """The project of that name, made where it is missing.

    Raises:
        ProjectError: the name may not be used, or the folder cannot be written to.
    """
    if composed(name) not in map(composed, folders_in(root)):
        checked_name(name, "project")
    project = Project(root, name)
    made(root)
    made(project.folder)
    if not (project.folder / "project.json").exists():
        write_json(project.folder / "project.json", {"schema": 1, "created": time.time(), "notes": ""})
    return project


def _free(folder: Path, name: str, what: str) -> Path:
    target = child(folder.parent, checked_name(name, what))
    if target.exists():
        raise ProjectError(f"{what} = {name!r}: there is one of this name already; choose another")
    if not folder.is_dir():
        raise ProjectError(f"{what} = {folder.name!r}: there is none of this name in {folder.parent}")
    return target


def _moved(folder: Path, name: str, what: str) -> str:
    target = _free(folder, name, what)
    try:
        folder.rename(target)
    except OSError as error:
        raise ProjectError(f"{folder}: cannot be renamed ({error.strerror}); close what uses it") from error
    return target.name


def _copied(folder: Path, name: str, what: str, parts: tuple[str, ...]) -> None:
    """Copy some parts of a folder under another name, whole or not at all."""
    target = _free(folder, name, what)
    try:
        with written(target, replace=False) as partial:
            for part in parts:
                there = partial / part
                there.parent.mkdir(parents=True, exist_ok=True)
                if (folder / part).is_dir():
                    shutil.copytree(folder / part, there)
                elif (folder / part).exists():
                    shutil.copy2(folder / part, there)
    except OSError as error:
        raise ProjectError(f"{target}: cannot be copied to ({error}); make room or check permissions") from error


def _discarded(root: Path, folder: Path, name: str) -> Path:
    bin_ = made(below(root, _TRASH))
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    target, number = bin_ / stem, 2
    while target.exists():
        target, number = bin_ / f"{stem}-{number}", number + 1
    try:
        folder.rename(target)
    except OSError as error:
        raise ProjectError(f"{folder}: cannot be moved to {bin_} ({error.strerror}); close what uses it") from error
    return target
