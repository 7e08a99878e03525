"""Makes the project of an archive below a root, whole or not at all."""

import json
from pathlib import Path, PurePosixPath
from typing import Any

from lib_train.checkpoints.resume import FACTS, with_other_facts
from lib_train.errors import ArchiveError, ProjectError, unwritten
from lib_train.files import free_bytes, written
from lib_train.store.json_files import as_json, read_json
from lib_train.store.layout import made
from lib_train.store.pack_files import Cancelled, GoOn, Pack
from lib_train.store.pack_places import Change, unpacked_into, with_paths
from lib_train.store.packs import KEPT, PROJECT, Manifest, manifest_from
from lib_train.store.projects import Project, project_named
from lib_train.texts import say

_SETTINGS = ("version.json", "run.json")
"""Files in which paths stand."""


def manifest_of(project: Project) -> Manifest | None:
    """The manifest of the archive that a project came out of; None where it came out of none."""
    path = project.folder / KEPT
    value = read_json(path)
    return manifest_from(value, str(path)) if value else None


def taken_in(pack: Pack, root: Path, go_on: GoOn) -> Project:
    """The project of an archive, made where it is not there yet.

    Raises:
        ProjectError: another project has its name, or it cannot be written.
        ArchiveError: it is no archive of a project, or damaged: nothing of it is there then.
        Cancelled: ``go_on`` said so.
    """
    manifest = pack.manifest
    if manifest.kind != PROJECT:
        raise ArchiveError(
            say("{name}: holds results; bring them home with {command}", name=pack.name,
                command=f"train-tools unpack {pack.name}")
        )  # fmt: skip
    project = project_named(root, manifest.project)
    if project.folder.exists():
        return _require_same(project, pack)
    made(root)
    _require_room(root, pack)
    try:
        with written(project.folder, replace=False) as partial:
            _write(pack, partial, unpacked_into(project.folder.resolve(), pack.name), go_on)
            (partial / KEPT).write_bytes(as_json(manifest.to_json()))
    except FileExistsError:  # another process was faster
        return _require_same(project, pack)
    except OSError as error:
        raise unwritten(project.folder, error) from error
    return project


def _require_same(project: Project, pack: Pack) -> Project:
    kept = manifest_of(project)
    if kept is None or kept.id != pack.manifest.id:
        raise ProjectError(
            say("project = {name!r}: {root} has another project of this name; name another folder with --output, or "
                "rename that project", name=project.name, root=project.root)
        )  # fmt: skip
    return project


def _require_room(root: Path, pack: Pack) -> None:
    free, needed = free_bytes(root), sum(one.size for one in pack.manifest.files)
    if free is not None and free < needed:
        raise ProjectError(
            say("{path}: the disk has {free:.0f} MiB free, and {needed:.0f} are needed; make room, or choose another "
                "place", path=root, free=free / 2**20, needed=needed / 2**20)
        )  # fmt: skip


def _write(pack: Pack, partial: Path, change: Change, go_on: GoOn) -> None:
    done, total = 0, sum(one.size for one in pack.manifest.files)
    for one in pack.manifest.files:
        if PurePosixPath(one.path).name in _SETTINGS and one.path.startswith("versions/"):
            (partial / one.path).parent.mkdir(parents=True, exist_ok=True)
            (partial / one.path).write_bytes(as_json(with_paths(json_in(pack, one.path), change)))
        else:
            pack.copy(one.path, partial / one.path)
        done += one.size
        if not go_on(done, total):
            raise Cancelled
    for facts_file in partial.glob(f"versions/*/runs/*/state/*/{FACTS}"):
        state = facts_file.parent.relative_to(partial)
        content = with_other_facts(partial / state, lambda facts: dict(with_paths(facts, change)))
        (partial / state / FACTS).write_bytes(content)


def json_in(pack: Pack, path: str) -> dict[str, Any]:
    """The object in a JSON file of an archive.

    Raises:
        ArchiveError: it is none.
    """
    try:
        value = json.loads(pack.read(path))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ArchiveError(say("{name}: {part} in it is damaged; copy or pack it anew", name=pack.name, part=path))
    return value
