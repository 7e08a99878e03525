"""What a person thinks of a version, in its notes.json: notes, a conclusion, and which checkpoint is the best."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from lib_train.store.json_files import changed_alone, read_json, write_json
from lib_train.store.projects import Version

NOTES = "notes.json"
"""Name of the file in its version."""


@dataclass(frozen=True)
class VersionNotes:
    """Of one version; all may be empty."""

    notes: str = ""
    conclusion: str = ""
    """What came of it, in a sentence or two."""
    best: str = ""
    """File name of the checkpoint that was found best."""
    copy_of: str = ""
    """The version that it began as a copy of. A copy has no notes of its original."""


def notes_of(version: Version) -> VersionNotes:
    """See ``VersionNotes``.

    Raises:
        ProjectError: the file is no JSON object.
    """
    kept = read_json(version.inside(NOTES))
    return VersionNotes(**{name: str(kept.get(name) or "") for name in asdict(VersionNotes())})


def keep_notes(
    version: Version, changes: Mapping[str, str] | Callable[[VersionNotes], Mapping[str, str]]
) -> VersionNotes:
    """Write some of them; the others stay as they are, so that two windows or processes may write at once.

    Args:
        changes: new ones by name, or what makes them of those of now.

    Raises:
        HostBusyError: another process writes them for long.
        ProjectError: the file is no JSON object, or cannot be written.
    """
    path = version.inside(NOTES)
    with changed_alone(path):
        new = changes(notes_of(version)) if callable(changes) else changes
        write_json(path, {**read_json(path), **new})
        return notes_of(version)
