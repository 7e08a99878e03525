"""Pictures that come into a version: uploaded, or from a folder or archive on this machine, in the background."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

from lib_train.app.folders import Permitted
from lib_train.app.versions import Versions
from lib_train.app.works import GoOn, Works
from lib_train.error_json import without_root
from lib_train.errors import ConfigError, Problem
from lib_train.pictures.archives import Source
from lib_train.pictures.arrivals import Ground, Taken
from lib_train.pictures.imports import take_in
from lib_train.pictures.journal import Journal
from lib_train.pictures.sources import gathered, sent
from lib_train.store.layout import checked_name
from lib_train.store.projects import Version
from lib_train.texts import say

Sent = tuple[str, IO[bytes]]
"""A path as a browser tells it, and the content."""
KIND = "import"


class Imports:
    """Of all versions below one root."""

    def __init__(self, versions: Versions, permitted: Permitted, works: Works) -> None:
        self._versions, self._permitted, self._works, self._root = versions, permitted, works, versions.root

    def upload(
        self,
        project: str,
        version: str,
        name: str,
        repeats: int,
        files: Sequence[Sent],
        prompts: bool = False,
        edit: int = 0,
    ) -> dict[str, Any]:
        """Keep pictures and captions in the version's own folders; nothing is written over. A zip is unpacked.

        Args:
            name, repeats: of the folder ``<repeats>_<name>`` for files that come from no such folder.
            prompts: whether pictures without a caption get the prompt that they were made with.
            edit: number of an edit that these files belong to as well, as later parts of an upload do to its first.

        Raises:
            TrainToolsError: there is no such version, or a name or number cannot be used.
        """
        there, default = self._versions.existing(project, version), default_folder(name, repeats)
        act = partial(_taken, there, default, [sent(*one) for one in files], prompts, edit=edit)
        with there.filled():
            taken = self._works.carry_out(KIND, project, version, act)
        folder = without_root(str(there.inside("dataset", "train", default)), self._root)
        return {**taken, "folder": folder}

    def start(
        self, project: str, version: str, path: str, name: str, repeats: int, prompts: bool = False
    ) -> dict[str, Any]:
        """Begin to copy a folder, zip or picture of this machine into the version; see ``upload``.

        Raises:
            ConfigError: there is no such path, or it may not be chosen here.
            TrainToolsError: see ``upload``.
        """
        return self.begin(project, version, [self._permitted.path("path", path)], name, repeats, prompts)

    def begin(
        self, project: str, version: str, sources: Sequence[Path], name: str, repeats: int, prompts: bool
    ) -> dict[str, Any]:
        """The same for paths that may be read."""
        there, default = self._versions.existing(project, version), default_folder(name, repeats)
        act = partial(_taken, there, default, sources, prompts)
        return self._works.start(KIND, project, version, act, there.filled)


def _taken(
    there: Version, default: str, given: Sequence[Source | Path], prompts: bool, go_on: GoOn, edit: int = 0
) -> dict[str, object]:
    return take_all(Ground.of_version(there.folder), default, given, prompts=prompts, go_on=go_on, edit=edit).to_json()


def take_all(
    ground: Ground,
    default: str,
    given: Sequence[Source | Path],
    *,
    prompts: bool,
    go_on: GoOn,
    dry_run: bool = False,
    edit: int = 0,
) -> Taken:
    """Take in all that is in what is given, archives and folders too, as an edit that can be undone.

    See ``pictures.imports.take_in`` and, for ``edit``, ``Journal.coming``.
    """
    journal = Journal(ground.places, filter(None, (ground.train, ground.reg)))
    with gathered(given) as found:
        taken = take_in(ground, default, found.sources, captions_from_prompts=prompts, dry_run=dry_run, go_on=go_on,
                        coming=journal.coming(_label, edit))  # fmt: skip
    taken.refused[:0] = [] if taken.cancelled else found.refused
    return taken


def _label(count: int) -> str:
    return say("imported files: {count}", count=count)


def default_folder(name: str, repeats: int) -> str:
    """Name of the folder for files that come from no <repeats>_<name> folder.

    Raises:
        TrainToolsError: the name or the number cannot be used.
    """
    if not 1 <= repeats <= 10000:
        raise ConfigError([Problem("repeats", repeats, say("must be between 1 and 10000"))])
    return f"{repeats}_{checked_name(name, 'name')}"
