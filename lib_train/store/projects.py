"""Projects and their versions on disk."""

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_train.errors import ProjectError
from lib_train.store.layout import below, checked_name, made

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".avif")
_TRASH = ".trash"


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write JSON whole or not at all.

    Raises:
        ProjectError: the disk is full or cannot be written to.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            json.dump(value, file, indent=2, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ProjectError(f"{path}: cannot be written ({error.strerror}); make room or check permissions") from error


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; an empty one when there is no file.

    Raises:
        ProjectError: it is no JSON object.
    """
    if not path.exists():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ProjectError(f"{path}: cannot be read ({error}); mend it or move it away") from error
    if not isinstance(value, dict):
        raise ProjectError(f"{path}: must hold a JSON object; mend it or move it away")
    return value


@dataclass(frozen=True)
class Version:
    """One version of a project: settings, pictures, checkpoints, runs."""

    project: "Project"
    name: str

    @property
    def folder(self) -> Path:
        return below(self.project.root, self.project.name, "versions", self.name)

    def part(self, *parts: str) -> Path:
        """A folder of this version, made where it is missing: "checkpoints", "cache", "previews", "runs" ..."""
        return made(below(self.project.root, self.project.name, "versions", self.name, *parts))

    def pictures(self, kind: str = "train") -> Path | None:
        """The version's own "train" or "reg" folder when it holds pictures."""
        folder = self.folder / "dataset" / kind
        if not folder.is_dir():
            return None
        return folder if any(path.suffix.lower() in _SUFFIXES for path in folder.glob("*/*")) else None

    def settings(self) -> dict[str, Any]:
        """version.json as it stands; empty when there is none yet."""
        return read_json(self.folder / "version.json")

    def keep_settings(self, value: Mapping[str, Any]) -> None:
        """Write version.json."""
        self.part()
        write_json(self.folder / "version.json", value)

    def checkpoints(self) -> list[Path]:
        """Checkpoint files, newest first."""
        folder = self.folder / "checkpoints"
        found = folder.glob("*.safetensors") if folder.is_dir() else ()
        return sorted((p for p in found if not p.name.startswith(".")), key=_age_of, reverse=True)

    def rename(self, name: str) -> "Version":
        """The same version under another name; its checkpoints keep theirs.

        Raises:
            ProjectError: the name may not be used, or is taken.
        """
        other = Version(self.project, checked_name(name, "version"))
        if other.folder.exists():
            raise ProjectError(f"version = {name!r}: there is one of this name already; choose another")
        self.folder.rename(other.folder)
        return other

    def delete(self) -> Path:
        """Move the version into the trash below the root; returns where it lies."""
        return self.project.discard(self.folder, f"{self.project.name}-{self.name}")


def _age_of(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


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
        folder = self.folder / "versions"
        found = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        return [Version(self, name) for name in found if not name.startswith(".")]

    def version(self, name: str) -> Version:
        """The version of that name, made where it is missing.

        Raises:
            ProjectError: the name may not be used.
        """
        version = Version(self, checked_name(name, "version"))
        version.part("checkpoints")
        return version

    def rename(self, name: str) -> "Project":
        """The same project under another name.

        Raises:
            ProjectError: the name may not be used, or is taken.
        """
        other = Project(self.root, checked_name(name, "project"))
        if other.folder.exists():
            raise ProjectError(f"project = {name!r}: there is one of this name already; choose another")
        self.folder.rename(other.folder)
        return other

    def copy_version(self, source: str, name: str) -> Version:
        """A new version with settings and pictures of another; checkpoints and runs stay with the old one.

        Raises:
            ProjectError: the name may not be used, or is taken.
        """
        target = Version(self, checked_name(name, "version"))
        if target.folder.exists():
            raise ProjectError(f"version = {name!r}: there is one of this name already; choose another")
        old = Version(self, source)
        target.part("checkpoints")
        if (old.folder / "dataset").is_dir():
            shutil.copytree(old.folder / "dataset", target.folder / "dataset")
        if old.settings():
            target.keep_settings(old.settings())
        return target

    def notes(self) -> str:
        """What a person wrote about the project."""
        return str(read_json(self.folder / "project.json").get("notes", ""))

    def keep_notes(self, notes: str) -> None:
        """Write the notes; everything else in project.json stays."""
        write_json(self.folder / "project.json", {**read_json(self.folder / "project.json"), "notes": notes})

    def delete(self) -> Path:
        """Move the project into the trash below the root; returns where it lies."""
        return self.discard(self.folder, self.name)

    def discard(self, folder: Path, name: str) -> Path:
        """Move a folder of this project into the trash."""
        bin_ = made(below(self.root, _TRASH))
        target = bin_ / f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
        for number in range(2, 1000):
            if not target.exists():
                break
            target = bin_ / f"{time.strftime('%Y%m%d-%H%M%S')}-{name}-{number}"
        shutil.move(folder, target)
        return target


def projects(root: Path) -> list[Project]:
    """All projects below ``root``, by name."""
    if not root.is_dir():
        return []
    found = sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [Project(root, name) for name in found]


def open_project(root: Path, name: str) -> Project:
    """The project of that name, made where it is missing.

    Raises:
        ProjectError: the name may not be used, or the folder cannot be written to.
    """
    project = Project(root, checked_name(name, "project"))
    made(root)
    made(project.folder)
    if not (project.folder / "project.json").exists():
        write_json(project.folder / "project.json", {"schema": 1, "name": name, "created": time.time(), "notes": ""})
    return project
