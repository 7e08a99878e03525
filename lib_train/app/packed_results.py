"""Packs what came of a project on another machine, to be brought home: runs, checkpoints, previews, notes."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path

from lib_train.app.packed_parts import files_of
from lib_train.app.unpacking import manifest_of
from lib_train.errors import ArchiveError, ProjectError
from lib_train.jobs.file_facts import own_version
from lib_train.names import out_of_sight
from lib_train.store.choices import CHOICES
from lib_train.store.json_files import as_json, read_json
from lib_train.store.pack_files import GoOn, Item, pack_at, write_pack
from lib_train.store.pack_places import Change, packed_from
from lib_train.store.packs import RESULTS, Manifest, pictures_in
from lib_train.store.projects import Project, Version
from lib_train.store.runs import Run, runs_of
from lib_train.store.version_notes import NOTES, VersionNotes, notes_of
from lib_train.texts import say


def write_results(project: Project, done: Mapping[str, str], folder: Path, go_on: GoOn) -> Path:
    """Write ``<project>-results.zip``, in the place of an earlier one of the same archive; returns its path.

    Args:
        done: keys of jobs that are done, and what came of each.

    Raises:
        FileError: it cannot be written.
        ProjectError: the project came out of no archive.
    """
    manifest = manifest_of(project)
    if manifest is None:
        raise ProjectError(say("{project}: came out of no archive", project=project.name))
    kept = {one.path for one in manifest.files if one.path.partition("/checkpoints/")[1]}
    items = [one for one in _items(project, manifest) if one.path not in kept]
    results = replace(
        manifest, kind=RESULTS, program=own_version(), done=dict(done), pictures=pictures_in(manifest.files),
        jobs=[], runs=dict(manifest.runs), files=[],
    )  # fmt: skip
    path = _place(folder, manifest)
    write_pack(path, results, items, go_on, replaces=path.exists())
    return path


def _place(folder: Path, manifest: Manifest) -> Path:
    """A name that is free, or that of earlier results of this archive."""
    for number in count(1):
        path = folder / f"{manifest.project}-results{'' if number == 1 else f'-{number}'}.zip"
        if not path.exists():
            return path
        try:
            with pack_at(path) as pack:
                if (pack.manifest.kind, pack.manifest.id) == (RESULTS, manifest.id):
                    return path
        except ArchiveError:  # somebody else's
            continue
    raise AssertionError("numbers never end")


def _items(project: Project, manifest: Manifest) -> Iterator[Item]:
    kept = read_json(project.folder / "project.json")
    yield Item("project.json", as_json({name: kept[name] for name in ("schema", "created", "notes") if name in kept}))
    change = packed_from(project.folder)
    for name in manifest.versions:
        version = project.named(name)
        for run in runs_of(version):
            if _is_new(run, manifest):
                yield from _of_run(run, change)
        yield from _previews(version)
        if asdict(notes_of(version)) != asdict(VersionNotes(**manifest.version_notes.get(name, {}))):
            yield Item(f"versions/{name}/{NOTES}", as_json(read_json(version.inside(NOTES))))
        if choices := read_json(version.inside(CHOICES)):
            yield Item(f"versions/{name}/{CHOICES}", as_json(choices))


def _is_new(run: Run, manifest: Manifest) -> bool:
    """Whether anything came of a run here."""
    newest = run.newest()
    if newest.step == manifest.runs.get(f"{run.version.name}/{run.name}", 0) and not newest.finished:
        return False
    return bool(run.checkpoints()) or run.can_resume()


def _of_run(run: Run, change: Change) -> Iterator[Item]:
    yield from files_of(run, change, with_state=not run.finished())
    for path in run.checkpoints():
        yield Item(f"versions/{run.version.name}/checkpoints/{path.name}", path)


def _previews(version: Version) -> Iterator[Item]:
    folder = version.inside("previews")
    for path in sorted(folder.rglob("*.png")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(map(out_of_sight, inside.parts)):
            yield Item(f"versions/{version.name}/previews/{inside.as_posix()}", path)
