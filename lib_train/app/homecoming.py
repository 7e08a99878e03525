"""Brings results of another machine home: into the same project, beside what is there, nothing written over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lib_train.app.brought_notes import bring_choices, bring_project_notes, bring_version_notes
from lib_train.app.brought_runs import BroughtRun, Names
from lib_train.app.packed_parts import NamedFolder, folders_named, own_pictures, trained_in
from lib_train.errors import ArchiveError, FileError, ProjectError, unwritten
from lib_train.files import free_bytes
from lib_train.locks import held
from lib_train.names import child, composed
from lib_train.previews.png_text import with_other_text
from lib_train.store.json_files import read_json
from lib_train.store.layout import checked_name
from lib_train.store.pack_files import Cancelled, GoOn, Pack
from lib_train.store.packs import GIVEN, RESULTS, PackedFile
from lib_train.store.placed import place_file, sha256_of
from lib_train.store.projects import Project, Version, project_named, projects
from lib_train.store.queue_file import QueueFile
from lib_train.texts import say

_LOCK = ".unpack.lock"
Tell = Callable[[int], bool]
"""Told bytes done; False cancels."""
_NAMED = 5
"""Pictures that a note names."""


@dataclass
class Brought:
    """What came home."""

    project: str = ""
    runs: list[str] = field(default_factory=list)
    """Names that they have here."""
    checkpoints: int = 0
    previews: int = 0
    """Sheets among them."""
    same: int = 0
    """Files that were here already."""
    jobs: int = 0
    """That were taken out of the queue."""
    notes_came: bool = False
    """Whether what was written there of the project or a version came."""
    notes: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether anything came."""
        return bool(self.runs or self.checkpoints or self.previews or self.jobs or self.notes_came)

    def lines(self) -> list[str]:
        """The same for a person."""
        came = say("{project}: came home: checkpoints: {checkpoints}, runs: {runs}, previews and sheets: {previews}",
                   project=self.project, checkpoints=self.checkpoints, runs=len(self.runs),
                   previews=self.previews)  # fmt: skip
        nothing = say("{project}: all of it was here already; nothing was added", project=self.project)
        jobs = say("jobs that were done there and wait here no more: {count}", count=self.jobs)
        return [came if self.is_new else nothing, *([jobs] if self.jobs else []), *self.notes]


def bring_home(pack: Pack, root: Path, go_on: GoOn, *, project: str = "", with_states: bool = False) -> Brought:
    """Bring results into the project that they belong to. Once more adds nothing, or what was missing.

    Args:
        project: name of the project here; empty finds that which the archive was packed from, whatever its name is.
        with_states: whether runs that were stopped come with the state that they can be resumed from.

    Raises:
        ArchiveError: it holds no results, or is damaged: nothing is written then.
        ProjectError: there is no such project, or it cannot be written to.
        HostBusyError: another process brings results home into it.
    """
    if pack.manifest.kind != RESULTS:
        raise ArchiveError(say("{name}: holds a project, and no results", name=pack.name))
    home = _home(pack, root, project)
    total = sum(one.size for one in pack.manifest.files)
    free = free_bytes(home.folder)
    if free is not None and free < total:
        raise FileError(
            say("{path}: the disk has {free:.0f} MiB free, and {needed:.0f} are needed; make room, or choose another "
                "place", path=home.folder, free=free / 2**20, needed=total / 2**20)
        )  # fmt: skip
    _prove(pack, lambda done: go_on(done, 2 * total))
    try:
        with held(home.folder / _LOCK, home.name):
            brought = _Homecoming(pack, home, with_states).bring(lambda done: go_on(total + done, 2 * total))
            go_on(2 * total, 2 * total)
            return brought
    except OSError as error:
        raise unwritten(Path(error.filename) if isinstance(error.filename, str) else home.folder, error) from error


def _home(pack: Pack, root: Path, name: str) -> Project:
    manifest = pack.manifest
    if name:
        project = project_named(root, name)
        if not project.folder.is_dir():
            raise ProjectError(
                say("project = {name!r}: there is none of this name; choose another, or make it first", name=name)
            )
        return project
    made = {one.name: read_json(one.folder / "project.json").get("created") for one in projects(root)}
    found = [one for one, created in made.items() if manifest.created and created == manifest.created]
    found = found or [one for one, created in made.items() if one == manifest.project and not created]
    if manifest.project in found:
        found = [manifest.project]
    if not found:
        raise ProjectError(
            say("{name}: holds results for the project {project}, which is not in {root}: name the folder in which it "
                "is with --output, or the project that takes them with --project; where it is nowhere, unpack the "
                "archive from which it was trained first, which makes it",
                name=pack.name, project=manifest.project, root=root)
        )  # fmt: skip
    if len(found) != 1:
        raise ProjectError(
            say("{name}: which project of {root} its results belong to is not known (it was packed from {project}); "
                "name it with --project", name=pack.name, root=root, project=manifest.project)
        )  # fmt: skip
    return project_named(root, found[0])


def _prove(pack: Pack, go_on: Tell) -> None:
    """Read all of it before anything is written."""
    done = 0
    for one in pack.manifest.files:
        for block in pack.blocks(one.path):
            done += len(block)
            if not go_on(done):
                raise Cancelled


class _Homecoming:
    def __init__(self, pack: Pack, home: Project, with_states: bool) -> None:
        self._pack, self._home, self._states = pack, home, with_states
        self._brought, self._done = Brought(home.name), 0

    def bring(self, go_on: Tell) -> Brought:
        manifest = self._pack.manifest
        for name in manifest.versions:
            if not self._pack.below(f"versions/{name}"):
                continue
            version = self._home.named(name)
            if not version.folder.is_dir():
                version = self._home.version(name)
                self._note(say("version {name}: was missing here, and was made anew", name=name))
            with version.filled():
                self._version(version, go_on)
        with_jobs = self._take_out_jobs()
        self._brought.notes_came |= bring_project_notes(self._pack, self._home, self._note)
        self._compare_pictures()
        return replace(self._brought, jobs=with_jobs)

    def _note(self, text: str) -> None:
        self._brought.notes.append(text)

    def _version(self, version: Version, go_on: Tell) -> None:
        top, names = f"versions/{version.name}", Names(self._pack.manifest.project, version)
        for name in dict.fromkeys(one.path.split("/")[3] for one in self._pack.below(f"{top}/runs")):
            run = BroughtRun(self._pack, version, checked_name(name, "run"), names, self._states)
            if run.bring(self._note):
                self._brought.runs.append(run.here)
        for one in (*self._pack.below(f"{top}/checkpoints"), *self._pack.below(f"{top}/previews")):
            self._file(version, one, names)
            self._done += one.size
            if not go_on(self._done):
                raise Cancelled
        self._brought.notes_came |= bring_version_notes(self._pack, version, names, self._note)
        self._brought.notes_came |= bring_choices(self._pack, version, names)

    def _file(self, version: Version, one: PackedFile, names: Names) -> None:
        _, _, kind, *inner = one.path.split("/")
        target = version.part(kind, *(names.here(part) for part in inner[:-1])) / names.here(inner[-1])
        content, renamed = None, names.here("/".join(inner)) != "/".join(inner)
        if kind == "previews" and renamed:
            content = with_other_text(self._pack.read(one.path), names.in_text)
        placed = place_file(self._pack, one, target, content)
        if placed is None:
            self._brought.same += 1
            return
        if placed.name != target.name:
            self._note(say("{name}: another file of this name is here; it came as {other}", name=target.name,
                           other=placed.name))  # fmt: skip
        self._brought.checkpoints += kind == "checkpoints"
        self._brought.previews += kind == "previews"

    def _take_out_jobs(self) -> int:
        """Remove jobs that were done elsewhere from those that wait here; returns how many."""
        done, file = self._pack.manifest.done, QueueFile(self._home.root)
        jobs = file.read()
        if jobs.running and jobs.running.key in done:
            self._note(say("a job that was done there goes on here; stop it where it need not be done twice"))
        gone = [one.key for one in jobs.waiting if one.key and one.key in done]
        if gone:
            file.change(lambda jobs: replace(jobs, waiting=tuple(one for one in jobs.waiting if one.key not in gone)))
        return len(gone)

    def _compare_pictures(self) -> None:
        """Says which pictures and captions are others than those that were packed; they stay."""
        changed = list(self._changed())
        if changed:
            names = ", ".join(Path(path).name for path in changed[:_NAMED]) + (", ..." if changed[_NAMED:] else "")
            self._note(say("pictures and captions that were changed here since it was packed, and stay so: {count} "
                           "({names})", count=len(changed), names=names))  # fmt: skip

    def _changed(self) -> Iterator[str]:
        packed, versions = self._pack.manifest.pictures, self._pack.manifest.versions
        known, outside = set(map(composed, packed)), self._outside()
        for path, digest in packed.items():
            top, place, *inner = path.split("/")
            here: Path | None = self._home.named(place).folder
            if top == GIVEN:
                folder = outside.get(f"{place}/{inner[0]}")
                here, inner = folder and folder.path, inner[1:]
            if here is None:
                continue
            for part in inner:
                here = child(here, part)
            if not here.is_file() or sha256_of(here) != digest:
                yield path
        for place, folder in outside.items():
            for one in trained_in(folder.setting, str(folder.path), folder.endings):
                path = f"{GIVEN}/{place}/{one.relative_to(folder.path).as_posix()}"
                if composed(path) not in known:
                    yield path
        for name in versions:
            version = self._home.named(name)
            endings = version.kept().config.dataset.caption_extension
            for one in own_pictures(version, endings):
                path = f"versions/{name}/{one.relative_to(version.folder).as_posix()}"
                if composed(path) not in known:
                    yield path

    def _outside(self) -> dict[str, NamedFolder]:
        """Folders outside of the project by their places in the archive, such as "1/cats"; of several of one name in
        the order in which they were packed. One that settings name no longer is left out.
        """
        manifest = self._pack.manifest
        places = {"/".join(path.split("/")[1:3]) for path in manifest.pictures if path.startswith(f"{GIVEN}/")}
        left, found = folders_named(map(self._home.named, manifest.versions)), {}
        for place in sorted(places, key=lambda one: (len(one.partition("/")[0]), one)):
            name = place.partition("/")[2]
            if there := next((one for one in left if (one.path.name or "folder") == name), None):
                left.remove(there)
                found[place] = there
        return found
