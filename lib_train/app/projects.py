"""Projects and versions, as a page lists and changes them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib_train.config.codec import from_json
from lib_train.config.presets import DEFAULTS, KEPT, PRESETS
from lib_train.config.run import RunConfig
from lib_train.errors import ProjectError
from lib_train.store.layout import checked_name
from lib_train.store.projects import Project, Version, open_project
from lib_train.store.projects import projects as all_projects

_FIRST = "v1"


class Projects:
    """Below one root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> list[str]:
        """All projects, those changed last first."""
        found = sorted(all_projects(self.root), key=lambda project: project.folder.stat().st_mtime_ns, reverse=True)
        return [project.name for project in found]

    def versions(self, project: str) -> list[str]:
        """The project's versions by name."""
        return [version.name for version in Project(self.root, checked_name(project, "project")).versions()]

    def settings(self, project: str | None, version: str | None) -> RunConfig:
        """The version's settings; the defaults where there are none."""
        return self._version(project, version).settings()[0] if project and version else RunConfig()

    def with_preset(self, name: str, values: Mapping[str, Any]) -> RunConfig:
        """The form's values with a preset's put over them; "defaults" keeps the folders and prompts alone.

        Raises:
            ConfigError: the values cannot be used.
        """
        if name == DEFAULTS:
            return from_json({"schema": 1}, {key: value for key, value in values.items() if key in KEPT})[0]
        settings = PRESETS[name].settings if name in PRESETS else {}
        return from_json({"schema": 1}, {**values, **settings})[0]

    def notes(self, project: str) -> str:
        """What a person wrote about the project."""
        return Project(self.root, project).notes()

    def keep_notes(self, project: str | None, notes: str) -> None:
        """Write the notes of a project, if there is one."""
        if project and project in self.names():
            Project(self.root, project).keep_notes(notes)

    def act(self, action: str, project: str, version: str, text: str) -> tuple[str, str]:
        """Do "create-project", "rename-project", "delete-project" or the same to a version, or "copy-version".

        Args:
            text: the new name, where one is needed.

        Returns:
            Project and version to show then.

        Raises:
            ProjectError: a name cannot be used or is taken, or there is nothing to act on.
        """
        verb, _, what = action.partition("-")
        text = text.strip()
        if action == "create-project":
            if text in self.names():
                raise ProjectError(f"project = {text!r}: there is one of this name already; choose another")
            return open_project(self.root, text).name, Project(self.root, text).version(_FIRST).name
        there = Project(self.root, checked_name(project, "project"))
        if what == "project":
            if verb == "rename":
                return there.rename(text).name, version
            there.delete()
            return "", ""
        if verb == "create":
            if text in self.versions(project):
                raise ProjectError(f"version = {text!r}: there is one of this name already; choose another")
            return project, there.version(text).name
        if verb == "copy":
            return project, self._version(project, version).copy(text).name
        old = self._version(project, version)
        if verb == "rename":
            return project, old.rename(text).name
        old.delete()
        return project, ""

    def _version(self, project: str, version: str) -> Version:
        return Version(Project(self.root, checked_name(project, "project")), checked_name(version, "version"))
