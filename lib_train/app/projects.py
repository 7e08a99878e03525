"""Projects and versions, as a page lists and changes them."""

import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from lib_train.app.versions import Versions
from lib_train.config.codec import config_of
from lib_train.config.presets import DEFAULTS, KEPT, PRESETS
from lib_train.config.run import RunConfig
from lib_train.errors import ProjectError
from lib_train.names import child, composed
from lib_train.store.entries import Entry, entries_in
from lib_train.store.layout import checked_name, shortened
from lib_train.store.projects import Project
from lib_train.store.settings import DEFAULT, Kept
from lib_train.texts import joined, say, with_texts

_FIRST = "v1"
_SUGGESTED = "lora"
_NUMBERED = re.compile(r"(.+) (\d{1,6})", re.DOTALL)


class Projects:
    """Below one root folder.

    Args:
        require_unused: raises a TrainToolsError while a job needs this project and version where they are; an empty
            version is any of the project's.
    """

    def __init__(self, root: Path, require_unused: Callable[[str, str], None] = lambda project, version: None) -> None:
        self.root, self._require_unused = root, require_unused
        self._project, self._named = Versions(root).project, Versions(root).named
        self._naming = threading.Lock()

    def listed(self) -> list[dict[str, Any]]:
        """All projects, those changed last first, each with its versions by name, and why some cannot be opened."""
        return [
            with_texts({"name": one.name, "problem": one.problem})
            | {"versions": [] if one.problem else self._versions_of(one.name)}
            for one in self._entries()
        ]

    def one(self, project: str) -> dict[str, Any]:
        """A project with its notes and versions.

        Raises:
            ProjectError: there is none of this name, or it cannot be read.
        """
        there = self._existing(project)
        return {"name": there.name, "notes": there.notes(), "versions": self._versions_of(project)}

    def write_notes(self, project: str, notes: str) -> None:
        """Write what a person thinks of the project.

        Raises:
            ProjectError: there is none of this name, or project.json cannot be written.
        """
        self._existing(project).keep_notes(notes)

    def _existing(self, project: str) -> Project:
        if project not in self.names():
            raise ProjectError(
                say("project = {name!r}: there is none of this name; choose another, or make it first", name=project)
            )
        return self._project(project)

    def names(self) -> list[str]:
        """Projects that can be opened, those changed last first."""
        return [one.name for one in self._entries() if not one.problem]

    def versions(self, project: str) -> list[str]:
        """The project's versions that can be opened, by name."""
        return [one["name"] for one in self._versions_of(project) if not one["problem"]]

    def closed(self, project: str | None) -> Sequence[str]:
        """A sentence for each project, and each version of the one, that cannot be opened."""
        found = [(one.name, one.problem) for one in self._entries() if one.problem]
        if project:
            versions = self._versions_of(project)
            found += [(f"{project} {one['name']}", one["problem"]) for one in versions if one["problem"]]
        return [joined(": ", one) for one in found]

    def free_name(self, name: str = "") -> str:
        """The name, or the one with the lowest number behind it that no project has yet, such as "mochi 2".

        Args:
            name: empty suggests one.

        Raises:
            ProjectError: the name may not be used.
        """
        name = checked_name(name.strip() or _SUGGESTED, "project")
        if not self._taken(name):
            return name
        numbered = _NUMBERED.fullmatch(name)
        stem, first = (numbered[1], int(numbered[2]) + 1) if numbered else (name, 2)
        tried = (f"{shortened(stem, len(f' {number}'))} {number}" for number in count(first))
        return next(one for one in tried if not self._taken(one))

    def _taken(self, name: str) -> bool:
        return os.path.lexists(child(self.root, name))

    def create_free(self, name: str) -> tuple[str, str]:
        """Make a project with an empty version under ``free_name``; returns both names.

        Raises:
            ProjectError: the name may not be used, or the folder cannot be written to.
        """
        with self._naming:
            return self._create_project("", "", self.free_name(name))

    def _entries(self) -> list[Entry]:
        with suppress(ProjectError):  # a root that cannot be read is told when a project is made
            return sorted(entries_in(self.root, self.root, "versions"), key=lambda one: one.changed, reverse=True)
        return []

    def _versions_of(self, project: str) -> list[dict[str, Any]]:
        found = entries_in(self._project(project).folder / "versions", self.root)
        return [with_texts({"name": one.name, "problem": one.problem}) for one in found]

    def kept(self, project: str | None, version: str | None) -> Kept:
        """The version's settings; the defaults where there are none.

        Raises:
            TrainToolsError: version.json cannot be read at all.
        """
        return self._named(project, version).kept() if project and version else DEFAULT

    def with_preset(self, name: str, values: Mapping[str, Any]) -> RunConfig:
        """The form's values with a preset's put over them; "defaults" keeps the folders and prompts alone.

        Raises:
            ConfigError: the values cannot be used.
        """
        if name == DEFAULTS:
            return config_of({key: value for key, value in values.items() if key in KEPT})
        settings = PRESETS[name].settings if name in PRESETS else {}
        return config_of({**values, **settings})

    def notes(self, project: str) -> str:
        """What a person wrote about the project.

        Raises:
            ProjectError: project.json cannot be read.
        """
        return self._project(project).notes()

    def keep_notes(self, project: str | None, notes: str) -> None:
        """Write the notes of a project, if there is one.

        Raises:
            ProjectError: project.json cannot be read or written; it is left as it is.
        """
        if project and project in self.names():
            self._project(project).keep_notes(notes)

    def act(self, action: str, project: str, version: str, text: str) -> tuple[str, str]:
        """Do "create-project", "rename-project", "delete-project" or the same to a version, or "copy-version".

        Args:
            text: the new name, where one is needed.

        Returns:
            Project and version to show then.

        Raises:
            HostBusyError: a job goes on or waits in what is to be renamed or deleted.
            ProjectError: there is no such action, a name cannot be used or is taken, or there is nothing to act on.
        """
        actions: dict[str, Callable[[str, str, str], tuple[str, str]]] = {
            "create-project": self._create_project,
            "rename-project": lambda project, version, name: (self._project(project).rename(name).name, version),
            "delete-project": self._delete_project,
            "create-version": self._create_version,
            "copy-version": lambda project, version, name: (project, self._named(project, version).copy(name).name),
            "rename-version": lambda project, version, name: (
                project, self._named(project, version).rename(name).name
            ),
            "delete-version": self._delete_version,
        }  # fmt: skip
        if action not in actions:
            raise ProjectError(
                say("action = {action!r}: choose one of {known}", action=action, known=", ".join(actions))
            )
        if action.startswith(("rename", "delete")):
            self._require_unused(project, version if action.endswith("version") else "")
        return actions[action](project, version, text.strip())

    def _create_project(self, _project: str, _version: str, name: str) -> tuple[str, str]:
        if composed(name) in map(composed, self.names()):
            raise ProjectError(say("project = {name!r}: there is one of this name already; choose another", name=name))
        version = Versions(self.root).made(name, _FIRST)
        return version.project.name, version.name

    def _delete_project(self, project: str, _version: str, _name: str) -> tuple[str, str]:
        self._project(project).delete()
        return "", ""

    def _create_version(self, project: str, _version: str, name: str) -> tuple[str, str]:
        if composed(name) in map(composed, self.versions(project)):
            raise ProjectError(say("version = {name!r}: there is one of this name already; choose another", name=name))
        return project, self._project(project).version(name).name

    def _delete_version(self, project: str, version: str, _name: str) -> tuple[str, str]:
        self._named(project, version).delete()
        return project, ""
