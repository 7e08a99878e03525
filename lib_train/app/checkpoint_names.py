"""Checkpoints of all projects by names that stand in one line: project/version/checkpoint."""

from contextlib import suppress
from pathlib import Path

from lib_train.errors import ProjectError, TrainToolsError
from lib_train.store.projects import projects, version_named
from lib_train.store.runs import paths_of
from lib_train.texts import say


def checkpoint_names(root: Path) -> list[str]:
    """Names of all checkpoints below the root, by project and version, within these the oldest first."""
    found = []
    for project in projects(root):
        with suppress(TrainToolsError):  # one that cannot be read
            for version in project.versions():
                found += [f"{project.name}/{version.name}/{path.stem}" for path in reversed(paths_of(version))]
    return found


def checkpoint_named(root: Path, name: str) -> Path:
    """The file of a name.

    Raises:
        ProjectError: there is none.
    """
    parts = name.strip().split("/")
    if len(parts) == 3:
        for path in paths_of(version_named(root, parts[0], parts[1])):
            if parts[2] in (path.stem, path.name):
                return path
    raise ProjectError(say("checkpoint = {name!r}: there is none of this name; refresh the list", name=name))
