"""Projects that travel, as the tab asks for it: packed in the background and downloaded; archives that come in."""

from functools import partial
from pathlib import Path
from typing import IO, Any

from lib_train.app.folders import Permitted
from lib_train.app.homecoming import bring_home
from lib_train.app.packing import Packing, Wish
from lib_train.app.unpacking import taken_in
from lib_train.app.versions import Versions
from lib_train.app.works import GoOn, Works
from lib_train.errors import ConfigError, Problem, ProjectError
from lib_train.host.protocol import Host
from lib_train.pictures.sources import sent
from lib_train.store.pack_files import Cancelled, opened_pack
from lib_train.store.packs import PROJECT
from lib_train.store.projects import Version
from lib_train.texts import say, with_texts

PACK, UNPACK = "pack", "unpack"
"""Kinds of these works."""


class Travels:
    """For one host and all versions below one root."""

    def __init__(self, host: Host, versions: Versions, permitted: Permitted, works: Works) -> None:
        self._host, self._versions, self._permitted, self._works = host, versions, permitted, works

    def pack(self, project: str, version: str, wish: Wish) -> dict[str, Any]:
        """Begin to pack a project into the cache of a version; see ``works``.

        Raises:
            ConfigError: settings name a folder that may not be read here, or models may not be taken away.
            TrainToolsError: there is no such project.
        """
        there = self._versions.existing(project, version)
        if wish.with_model and not self._host.folders_may_be_chosen():
            remedy = say("models cannot be taken from here (--hide-ui-dir-config); give the file there")
            raise ConfigError([Problem("with_model", True, remedy)])
        for name in wish.versions or [one.name for one in there.project.versions()]:
            self._permitted.require_folders(self._versions.existing(project, name).kept().config)
        act = partial(_packed, Packing(self._host, self._versions.root), there, wish)
        return self._works.start(PACK, project, version, act, there.filled)

    def packed(self, project: str, version: str) -> Path:
        """The archive that was packed last for a version.

        Raises:
            ProjectError: there is none.
        """
        path = _place(self._versions.existing(project, version))
        if not path.is_file():
            raise ProjectError(say("{project}: no archive was packed yet; pack it first", project=project))
        return path

    def take_in(self, project: str, version: str, name: str, content: IO[bytes]) -> dict[str, Any]:
        """Bring results home, or make the project of an archive; returns what came of it in sentences.

        Args:
            project, version: in which somebody who waits looks for how far it is.
            name: of the archive, for messages.

        Raises:
            TrainToolsError: it is no such archive, or damaged; or the results belong to no project here.
        """
        self._versions.existing(project, version)
        act = partial(_taken_in, self._versions.root, name, content)
        return dict(self._works.carry_out(UNPACK, project, version, act))


def _place(version: Version) -> Path:
    return version.inside("cache", "pack") / f"{version.project.name}.zip"


def _packed(packing: Packing, there: Version, wish: Wish, go_on: GoOn) -> dict[str, Any]:
    there.part("cache", "pack")
    try:
        report = packing.pack(there.project.name, wish, _place(there), go_on, replaces=True)
    except Cancelled:
        return {"cancelled": True}
    jobs = len(report.manifest.jobs)
    stay = say("the jobs wait here as well; those that are done there are taken out when results come home")
    lines = [*report.lines(), *report.notes, *([stay] if jobs else [])]
    return with_texts({"cancelled": False, "bytes": report.bytes, "name": report.path.name, "lines": lines})


def _taken_in(root: Path, name: str, content: IO[bytes], go_on: GoOn) -> dict[str, Any]:
    with sent(name, content).open() as stream, opened_pack(stream, name) as pack:
        if pack.manifest.kind != PROJECT:
            brought = bring_home(pack, root, go_on)
            return with_texts({"project": brought.project, "is_new": brought.is_new, "lines": brought.lines()})
        project = taken_in(pack, root, go_on)
        lines = [say("project {name} was made of the archive", name=project.name)]
        return with_texts({"project": project.name, "is_new": True, "lines": lines})
