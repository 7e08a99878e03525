"""Notes and the conclusion of a version, shown and written."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lib_train.app.versions import Versions
from lib_train.errors import ConfigError, Problem
from lib_train.store.version_notes import keep_notes, notes_of
from lib_train.texts import say


class Noting:
    """Below one root folder."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def of(self, project: str, version: str) -> dict[str, Any]:
        """Notes, conclusion, best checkpoint, and what it is a copy of.

        Raises:
            ProjectError: there is no such version, or its notes cannot be read.
        """
        return asdict(notes_of(self._versions.existing(project, version)))

    def write(self, project: str, version: str, changes: Mapping[str, str]) -> dict[str, Any]:
        """Write some of "notes", "conclusion" and "best"; returns all.

        Raises:
            ConfigError: "best" is none of the version's checkpoints.
            ProjectError: as ``of``, or they cannot be written.
        """
        there, best = self._versions.existing(project, version), changes.get("best")
        known = [path.name for path in there.checkpoints()] if best else []
        if best and best not in known:
            listed = ", ".join(known[:10]) or say("none")
            remedy = say("is no checkpoint of this version; choose one of {known}, or leave it empty", known=listed)
            raise ConfigError([Problem("best", best, remedy)])
        return asdict(keep_notes(there, changes))
