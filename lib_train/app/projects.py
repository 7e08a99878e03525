"""Projects and versions, as a page lists and changes them."""

import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from lib_train.app.versions import Versions
from lib_train.errors import ProjectError, reason
from lib_train.names import child, composed
from lib_train.store.entries import Entry, entries_in
from lib_train.store.layout import checked_name, shortened
from lib_train.store.projects import Project, Version, new_project
from lib_train.store.version_notes import keep_notes
from lib_train.texts import say, with_texts

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
            _facts(one) | {"versions": [] if one.problem else self._versions_of(one.name)} for one in self._entries()
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

    def create_free(self, name: str, fill: Callable[[Version], None] = lambda version: None) -> tuple[str, str]:
        """Make a project with a version under ``free_name``; returns both names.

        Args:
            fill: puts into the version what it begins with; the project is seen when this has returned, or never.

        Raises:
            ProjectError: the name may not be used, or the folder cannot be written to.
        """
        with self._naming:
            free = self.free_name(name)
            try:
                with new_project(self.root, free) as project:
                    fill(project.version(_FIRST))
            except OSError as error:
                why = say("cannot be written ({why})", why=reason(error))
                raise ProjectError(
                    say("project = {name!r}: {why}; make room or check permissions", name=free, why=why)
                ) from error
            return free, _FIRST

    def _entries(self) -> list[Entry]:
        with suppress(ProjectError):  # a root that cannot be read is told when a project is made
            return sorted(entries_in(self.root, self.root, "versions"), key=lambda one: one.changed, reverse=True)
        return []

    def _versions_of(self, project: str) -> list[dict[str, Any]]:
        found = entries_in(self._project(project).folder / "versions", self.root)
        return [_facts(one) for one in found]

    def create(self, name: str) -> tuple[str, str]:
        """Make a project with an empty version; returns both names.

        Raises:
            ProjectError: the name cannot be used or is taken.
        """
        if composed(name.strip()) in map(composed, self.names()):
            raise ProjectError(say("project = {name!r}: there is one of this name already; choose another", name=name))
        version = Versions(self.root).made(name.strip(), _FIRST)
        return version.project.name, version.name

    def rename(self, project: str, name: str) -> str:
        """Give a project another name; returns it as it is written.

        Raises:
            HostBusyError: a job goes on or waits in it.
            ProjectError: the name cannot be used or is taken, or there is no such project.
        """
        self._require_unused(project, "")
        return self._project(project).rename(name.strip()).name

    def delete(self, project: str) -> None:
        """Move a project into the trash.

        Raises:
            HostBusyError: a job goes on or waits in it.
            ProjectError: there is no such project.
        """
        self._require_unused(project, "")
        self._project(project).delete()

    def create_version(self, project: str, name: str) -> str:
        """Make an empty version; returns its name as it is written.

        Raises:
            ProjectError: the name cannot be used or is taken.
        """
        if composed(name.strip()) in map(composed, self.versions(project)):
            raise ProjectError(say("version = {name!r}: there is one of this name already; choose another", name=name))
        return self._project(project).version(name.strip()).name

    def copy_version(self, project: str, version: str, name: str) -> str:
        """Make a version with the settings and pictures of another one; returns its name as it is written.

        Notes stay with the other one, whose name the new one keeps.

        Raises:
            ProjectError: the name cannot be used or is taken, or there is no such version.
        """
        original = self._named(project, version)
        copy = original.copy(name.strip())
        keep_notes(copy, {"copy_of": original.name})
        return copy.name

    def rename_version(self, project: str, version: str, name: str) -> str:
        """Give a version another name; returns it as it is written.

        Raises:
            HostBusyError: a job goes on or waits in it.
            ProjectError: the name cannot be used or is taken, or there is no such version.
        """
        self._require_unused(project, version)
        return self._named(project, version).rename(name.strip()).name

    def delete_version(self, project: str, version: str) -> None:
        """Move a version into the trash.

        Raises:
            HostBusyError: a job goes on or waits in it.
            ProjectError: there is no such version.
        """
        self._require_unused(project, version)
        self._named(project, version).delete()


def _facts(entry: Entry) -> dict[str, Any]:
    number = str(entry.number) if entry.number else ""
    return with_texts({"name": entry.name, "id": number, "problem": entry.problem})
