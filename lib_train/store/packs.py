"""What an archive of a project says of itself: its manifest, and which files it may hold.

An archive is a zip of a project's folder, as ``store.layout`` has it, without what can be made anew. What settings name
outside of the project lies in ``given/``, base models in ``models/``. Paths of the machine that it comes from are not
in it: settings name such things by ``MARK`` and their place in the archive.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from lib_train.errors import ArchiveError, ProjectError
from lib_train.store.layout import checked_name, is_reserved
from lib_train.texts import say

MANIFEST = "train_tools.json"
"""Name of the manifest in the archive, and of what is kept of it in a project that came out of one: ``packed.json``."""
KEPT = "packed.json"
GIVEN, MODELS = "given", "models"
MARK = "archive:"
PROJECT, RESULTS = "project", "results"
"""Kinds of archives: what is to be trained, and what came of it."""
SCHEMA = 1
_OF_VERSION = ("version.json", "notes.json", "choices.json", "binding.json", "regularisation.json", "train_config.json",
               "preview_config.json", "dataset_config.json")  # fmt: skip
_FOLDERS = ("dataset", "runs", "checkpoints", "previews")
_LONGEST = 255
"""Bytes of a name, on most file systems."""
_DEEPEST = 12
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNFIT = re.compile(r'[<>:"|?*\\]|[. ]$')
"""What no name has on Windows, where a colon would also name a drive."""


class PackedFile(NamedTuple):
    """A file in an archive."""

    path: str
    """Below the project's folder, with ``/`` between the parts."""
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """See the module. Every value is a JSON value."""

    kind: str
    """``PROJECT`` or ``RESULTS``."""
    id: str
    """Of the archive of the project; that of its results has the same."""
    project: str
    created: float = 0.0
    """When the project was made, in seconds since 1970: it stays when it is renamed. 0 where nobody knows."""
    program: str = ""
    """Version of the program that packed it."""
    packed_at: float = 0.0
    versions: Sequence[str] = ()
    notes: str = ""
    """Of the project, when it was packed."""
    version_notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of versions, when they were packed: see ``store.version_notes``."""
    jobs: Sequence[Mapping[str, Any]] = ()
    """Jobs of the queue that waited, in their order."""
    runs: Mapping[str, int] = field(default_factory=dict)
    """Runs that are to be resumed, as version/run, and the last step in the log of each."""
    bases: Mapping[str, Sequence[Mapping[str, Any] | None]] = field(default_factory=dict)
    """Base model and VAE by their marks: of each version, and of runs by version/run."""
    done: Mapping[str, str] = field(default_factory=dict)
    """Of results: keys of jobs that are done, and what came of each in one line."""
    pictures: Mapping[str, str] = field(default_factory=dict)
    """Of results: sha256 of each picture, caption and mask, by path, as it was packed: of the project, and
    below ``GIVEN`` of folders outside of it."""
    files: Sequence[PackedFile] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {"schema": SCHEMA, **asdict(self), "files": [list(one) for one in self.files]}


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "created": (int, float), "packed_at": (int, float), "versions": list, "jobs": list, "files": list,
    "runs": dict, "bases": dict, "done": dict, "pictures": dict, "version_notes": dict,
}  # fmt: skip
"""Of the fields that are no text."""


def manifest_from(value: Mapping[str, Any], name: str) -> Manifest:
    """The manifest that ``to_json`` gave.

    Args:
        name: of the archive, for messages.

    Raises:
        ArchiveError: it is of a newer version, or damaged; or a name in it may not be one.
    """
    schema = value.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise ArchiveError(
            say("{name}: was packed by a newer version of Train Tools ({program}); update Train Tools here", name=name,
                program=str(value.get("program", "?")))
        )  # fmt: skip
    given = {one.name: value[one.name] for one in fields(Manifest) if one.name in value}
    right = all(isinstance(found, _TYPES.get(key, str)) for key, found in given.items())
    try:
        files = [PackedFile(*one) for one in given.get("files", ())]
        made = Manifest(**{**given, "files": files})
    except TypeError:
        right = False
    if schema != SCHEMA or not right or not all(map(_is_file, files)) or not _is_sound(made):
        raise _damaged(name, MANIFEST)
    for what, one in (("project", made.project), *(("version", version) for version in made.versions)):
        try:
            checked_name(one, what)
        except ProjectError as error:
            raise ArchiveError(say("{name}: is no archive of Train Tools: {why}", name=name, why=error)) from error
    return made


def _is_sound(made: Manifest) -> bool:
    return (
        made.kind in (PROJECT, RESULTS)
        and re.fullmatch(r"[0-9a-f]{32}", made.id) is not None
        and all(isinstance(one, str) for one in (*made.versions, *made.done.values(), *made.pictures.values()))
        and all(isinstance(one, dict) for one in made.jobs)
        and all(isinstance(one, int) for one in made.runs.values())
        and all(isinstance(one, dict) and all(isinstance(text, str) for text in one.values())
                for one in made.version_notes.values())
        and all(isinstance(one, list) and all(mark is None or isinstance(mark, dict) for mark in one)
                for one in made.bases.values())
    )  # fmt: skip


def _is_file(one: PackedFile) -> bool:
    sound = isinstance(one.path, str) and isinstance(one.sha256, str) and _SHA256.fullmatch(one.sha256)
    return bool(sound) and isinstance(one.size, int) and one.size >= 0


def _damaged(name: str, part: str) -> ArchiveError:
    return ArchiveError(say("{name}: {part} in it is damaged; copy or pack it anew", name=name, part=part))


def require_sound(name: str, manifest: Manifest, members: Sequence[tuple[str, int]]) -> None:
    """Check that an archive holds what its manifest says, and nothing that lies elsewhere than archives have it.

    Args:
        name: of the archive, for messages.
        members: path and size of each file in it, without the manifest.

    Raises:
        ArchiveError: it does not.
    """
    for path, _ in members:
        if trouble := trouble_in(path):
            raise ArchiveError(say("{name}: holds {path!r:.120}, which {trouble}", name=name, path=path,
                                   trouble=trouble))  # fmt: skip
    if twice := twice_in(path for path, _ in members):
        raise ArchiveError(say("{name}: holds {path!r:.120} twice", name=name, path=twice[1]))
    told, found = {one.path: one.size for one in manifest.files}, dict(members)
    if len(told) != len(manifest.files) or told != found:
        odd = sorted({*told.items()} ^ {*found.items()})
        raise ArchiveError(
            say("{name}: {path!r:.120} is missing, or not what its list of files says; copy or pack it anew",
                name=name, path=odd[0][0] if odd else MANIFEST)
        )  # fmt: skip


def twice_in(paths: Iterable[str]) -> tuple[str, str] | None:
    """Two paths that are one file on some systems: case and the form of accents do not count. None where all differ.

    >>> twice_in(["given/a.png", "given/A.png"])
    ('given/a.png', 'given/A.png')
    """
    seen: dict[str, str] = {}
    for path in paths:
        key = unicodedata.normalize("NFC", path).casefold()
        if key in seen:
            return seen[key], path
        seen[key] = path
    return None


def trouble_in(path: str) -> str:
    """Why a file of this path may not be in an archive; empty when it may.

    >>> trouble_in("versions/v1/dataset/train/10_cat/a.png"), trouble_in("../a.png")
    ('', 'leads out of the folder')
    """
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "." in parts or re.match(r"[A-Za-z]:", path):
        return say("leads out of the folder")
    if not path.isprintable() or any(not part or len(part.encode(errors="replace")) > _LONGEST for part in parts):
        return say("has a name that no file should have")
    if any(_UNFIT.search(part) or is_reserved(part) for part in parts) or len(parts) > _DEEPEST:
        return say("has a name that not every system can keep; rename it there, and pack it anew")
    return "" if _is_placed(parts) else say("is no part of a project")


def _is_placed(parts: Sequence[str]) -> bool:
    if parts[0] in (GIVEN, MODELS):
        return len(parts) > 1
    if parts[0] != "versions":
        return parts == ["project.json"]
    return (len(parts) == 3 and parts[2] in _OF_VERSION) or (len(parts) > 3 and parts[2] in _FOLDERS)


def is_picture_part(path: str) -> bool:
    """Whether a file of an archive is what people work on: a picture, caption or mask, of a version or of elsewhere."""
    parts = PurePosixPath(path).parts
    return (len(parts) > 4 and parts[0] == "versions" and parts[2] == "dataset") or (
        len(parts) > 3 and parts[0] == GIVEN  # LoRA files lie one folder higher
    )


def pictures_in(files: Iterable[PackedFile]) -> dict[str, str]:
    """See ``Manifest.pictures``."""
    return {one.path: one.sha256 for one in files if is_picture_part(one.path)}
