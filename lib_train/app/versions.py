"""Where every use case finds a project or a version by its name."""

from dataclasses import dataclass
from pathlib import Path

from lib_train.errors import ProjectError
from lib_train.store.projects import Project, Version, open_project, project_named, version_named
from lib_train.texts import say


@dataclass(frozen=True)
class Versions:
    """Projects and versions below one root folder."""

    root: Path

    def project(self, name: str) -> Project:
        """The project of that name, whether it is there or not.

        Raises:
            ProjectError: the name may not be used, or what is there cannot be opened.
        """
        return project_named(self.root, name)

    def named(self, project: str, version: str) -> Version:
        """The version of that name, whether it is there or not.

        Raises:
            ProjectError: see ``project``.
        """
        return version_named(self.root, project, version)

    def existing(self, project: str, version: str) -> Version:
        """The version of that name.

        Raises:
            ProjectError: there is none; or see ``project``.
        """
        there = self.named(project, version)
        if not there.folder.is_dir():
            raise ProjectError(
                say(
                    "{project} {version}: there is none of this name; choose another, or make it first",
                    project=project,
                    version=version,
                )
            )
        return there

    def of(self, path: Path) -> Version | None:
        """The version in whose folder a path lies; None where it lies in none."""
        try:
            project, versions, version, *inner = path.resolve().relative_to(self.root.resolve()).parts
            there = self.named(project, version)
        except (ProjectError, OSError, ValueError, RuntimeError):  # elsewhere, or links in a circle
            return None
        return there if versions == "versions" and inner else None

    def identity(self, project: str, version: str) -> object:
        """What a version is known again by: it stays under another name, and no new one of its name has it."""
        try:
            return self.named(project, version).folder.stat().st_ino
        except (ProjectError, OSError):
            return project, version

    def made(self, project: str, version: str) -> Version:
        """The version of that name, made where it is missing.

        Raises:
            ProjectError: see ``project``; or a folder cannot be written to.
        """
        return open_project(self.root, project).version(version)
