"""LoRA files that people at a page may open: the checkpoints of all projects, the host's LoRA folder, and a path."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from lib_train.app.versions import Versions
from lib_train.checkpoints.hashes import data_start
from lib_train.checkpoints.inspect import inspected
from lib_train.checkpoints.like_file import like
from lib_train.checkpoints.opened import read_header
from lib_train.checkpoints.reader import read_otherwise
from lib_train.errors import ConfigError, ModelFileError, Problem, TrainToolsError, reason
from lib_train.host.protocol import Host
from lib_train.lora_tools.layers import opened
from lib_train.lora_tools.norms import BlockNorm, norms_by_block
from lib_train.marks import Mark, mark_of
from lib_train.store.projects import Version, projects
from lib_train.store.runs import paths_of
from lib_train.texts import say, with_texts

_HOSTS = "lora:"
"""How names of files in the host's LoRA folder begin; others are paths, below the root where they are relative."""
_ENDING = ".safetensors"
_MOST = 2000
"""Files of the host's LoRA folder that are listed."""


class LoraFiles:
    """For one host and one root folder.

    Args:
        permitted: turns a path that somebody named into one that may be read; see ``Permitted.path``.
    """

    def __init__(self, host: Host, versions: Versions, permitted: Callable[[str, str], Path]) -> None:
        self._host, self._versions, self._root, self.permitted = host, versions, versions.root, permitted

    def listed(self, project: str = "", version: str = "") -> list[dict[str, Any]]:
        """Files to choose from as JSON values: those of the version, of the others, and the host's; newest first.

        Args:
            project, version: what somebody looks at; empty, or one that there is not, comes with the others.
        """
        return [*self._checkpoints(project, version), *self._hosts()]

    def path(self, file: str, setting: str = "file") -> Path:
        """The file that a page means.

        Args:
            file: as ``listed`` names it, or a path.
            setting: that names it, for errors.

        Raises:
            ConfigError: there is no such file, or it may not be read.
        """
        folder = self._host.lora_folder()
        inside = Path(file.removeprefix(_HOSTS))
        if file.startswith(_HOSTS) and folder is not None and not inside.is_absolute() and ".." not in inside.parts:
            found = folder / inside
        else:
            found = self.permitted(setting, file if os.path.isabs(file) else str(self._root / file) if file else "")
        if found.suffix.lower() != _ENDING or not os.path.isfile(found):
            raise ConfigError([Problem(setting, file, say("is no LoRA file; choose a .safetensors file"))])
        return found

    def name_of(self, path: Path) -> str:
        """The name by which ``path`` is found again."""
        folder = self._host.lora_folder()
        for top, start in ((self._root, ""), (folder, _HOSTS)):
            if top is not None and path.is_relative_to(top):
                return start + path.relative_to(top).as_posix()
        return str(path)

    def facts(self, file: str) -> dict[str, Any]:
        """What is in a file, from its header, as JSON values; see ``NetworkFile``.

        Raises:
            TrainToolsError: there is none, or it holds no network.
        """
        path = self.path(file)
        found = asdict(inspected(path))
        told = {"file": self.name_of(path), "name": path.name, "bytes": found["size_bytes"]}
        return with_texts({**found, **told, "read_otherwise": read_otherwise(path)})

    def hashes(self, file: str) -> dict[str, str]:
        """By which others know it: sha256, and the WebUI's, which leaves out the header (AutoV3).

        Raises:
            TrainToolsError: there is no such file, or it cannot be read.
        """
        path = self.path(file)
        read_header(path)  # it is a safetensors file
        try:
            with path.open("rb") as opened:
                start = data_start(opened.read(8))
                opened.seek(0)
                whole, data = hashlib.sha256(opened.read(start)), hashlib.sha256()
                while block := opened.read(2**20):
                    whole.update(block)
                    data.update(block)
        except OSError as error:
            raise ModelFileError(
                say("{path}: cannot be read ({why}); check its permissions", path=path, why=reason(error))
            ) from error
        return {"sha256": whole.hexdigest(), "webui": data.hexdigest()}

    def norms(self, file: str) -> list[dict[str, Any]]:
        """How much a file changes each block of its model; see ``BlockNorm``.

        Raises:
            TrainToolsError: there is no such file, it cannot be read, or it holds NaN or infinity.
        """
        path = self.path(file)
        return [one._asdict() for one in _norms(path, mark_of(path))]

    def like(self, file: str) -> dict[str, Any]:
        """Settings that a file was trained with, by name, and what is to be said of them; see ``Like``.

        Raises:
            TrainToolsError: there is no such file, or it cannot be read.
        """
        return with_texts(like(self.path(file))._asdict())

    def _checkpoints(self, project: str, version: str) -> list[dict[str, Any]]:
        found = []
        for one in projects(self._root):
            with suppress(TrainToolsError):  # one that cannot be read
                for there in one.versions():
                    is_here = (one.name, there.name) == (project, version)
                    found += [_entry(path, self.name_of(path), "version" if is_here else "projects",
                                     f"{one.name} {there.name}") for path in _files_of(there)]  # fmt: skip
        return sorted(found, key=lambda one: one["group"] != "version")

    def _hosts(self) -> list[dict[str, Any]]:
        folder = self._host.lora_folder()
        if folder is None:
            return []
        found = []
        for path in islice(_below(folder), _MOST):
            with suppress(OSError):
                found.append((path.stat().st_mtime_ns, path))
        return [_entry(path, self.name_of(path), "host", path.parent.relative_to(folder).as_posix().removeprefix("."))
                for _, path in sorted(found, reverse=True)]  # fmt: skip


@lru_cache(maxsize=64)
def _norms(path: Path, mark: Mark) -> list[BlockNorm]:
    """``mark`` is part of the key alone."""
    return norms_by_block(opened(path))


def _files_of(version: Version) -> list[Path]:
    with suppress(TrainToolsError):
        return [path for path in paths_of(version) if path.suffix.lower() == _ENDING]
    return []


def _below(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(top, name) for name in names if name.lower().endswith(_ENDING) and not name.startswith("."))


def _entry(path: Path, file: str, group: str, where: str) -> dict[str, Any]:
    return {"file": file, "name": path.name, "group": group, "where": where, "bytes": path.stat().st_size}
