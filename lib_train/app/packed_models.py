"""Finds the base models that an archive was packed with, by their content."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lib_train.errors import ConfigError, ModelFileError, Problem
from lib_train.host.protocol import Host
from lib_train.jobs.provenance import mark_of
from lib_train.store.packs import MODELS
from lib_train.store.projects import Project
from lib_train.texts import say
from lib_train.vocabulary import TENSORS

Marks = Sequence[Mapping[str, Any] | None]
"""Of a base model, and of a separate VAE or None; none at all where nobody knows."""


class Given(NamedTuple):
    """What the person in front names: files, or folders that are looked through."""

    base_model: str = ""
    vae: str = ""
    takes_others: bool = False
    """Whether others than those that it was packed with are taken, too."""


class Models:
    """Of one project that came out of an archive."""

    def __init__(self, host: Host, project: Project, given: Given) -> None:
        self._host, self._project, self._given = host, project, given

    def of(self, marks: Marks) -> dict[str, str]:
        """The settings base_model and vae with files of this machine.

        Args:
            marks: of what is wanted.

        Raises:
            ConfigError: the wanted one is not among them; names it.
        """
        base, vae = (*marks, None, None)[:2]
        found = {"base_model": self._file("base_model", self._given.base_model, base)}
        if vae or self._given.vae:
            found["vae"] = self._file("vae", self._given.vae, vae)
        return {name: path for name, path in found.items() if path}

    def _file(self, setting: str, given: str, mark: Mapping[str, Any] | None) -> str:
        named = list(_files_in(Path(given))) if given else []
        if given and not named:
            raise ConfigError([Problem(setting, given, say("there is no such folder or file; check the path"))])
        if mark is None and setting == "base_model":  # nobody knew it where it was packed
            return str(named[0]) if named else ""
        for path in (*named, *self._there()):
            if mark and _content(path) == mark.get("content"):
                return str(path)
        if named and self._given.takes_others:
            return str(named[0])
        raise ConfigError([Problem(setting, given, _missing(setting, given, mark))])

    def _there(self) -> Iterator[Path]:
        """Models that came in the archive, and those of the host."""
        yield from _files_in(self._project.folder / MODELS)
        yield from (ref.path for ref in self._host.base_models())


def _files_in(path: Path) -> Iterator[Path]:
    try:
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from (one for one in sorted(path.rglob("*")) if one.suffix.lower() in TENSORS and one.is_file())
    except (OSError, ValueError):  # no path at all
        return


def _content(path: Path) -> str:
    try:
        return mark_of(path).content
    except ModelFileError:  # gone meanwhile, or not to be read
        return ""


def _missing(setting: str, given: str, mark: Mapping[str, Any] | None) -> str:
    flag = f"--{setting}"
    if mark is None:
        return say("the project was packed without a separate VAE; leave it out, or add --with_changes")
    known = str(mark.get("sha256") or "")[:10] or str(mark.get("content"))[:10]
    wanted = f"{mark.get('title')} [{known}]"
    if given:
        return say("the project was packed with {wanted}, which this is not; name that with {flag}, or add "
                   "--with_changes to train on another", wanted=wanted, flag=flag)  # fmt: skip
    return say("the project was packed with {wanted}, which is not here; copy it to this machine, and name it or its "
               "folder with {flag}", wanted=wanted, flag=flag)  # fmt: skip
