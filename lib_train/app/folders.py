"""Which folders and files people at a page may name, and which are taken where they name none."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib_train.config.axes import is_path
from lib_train.config.codec import config_of
from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.config.sheet_lines import values_of
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import Host
from lib_train.store.projects import Version
from lib_train.texts import either, say
from lib_train.vocabulary import CAPTIONS

_REMEDY = say("folders cannot be chosen here (--hide-ui-dir-config): leave this empty and drop pictures into the tab")
_FILES_REMEDY = say(
    "other files cannot be chosen here (--hide-ui-dir-config): name a checkpoint of a project, or a file in the "
    "folder of LoRA files"
)


class Permitted:
    """Settings that people at a page may use on this host.

    Args:
        endings: of caption files that whoever started the program allows beside ``CAPTIONS``.
    """

    def __init__(self, host: Host, root: Path, endings: Sequence[str] = ()) -> None:
        self._host, self._root, self._endings = host, root, tuple(endings)

    def __call__(self, config: RunConfig) -> RunConfig:
        """The same settings.

        Raises:
            ConfigError: the host lets nobody choose folders, and one is named that lies outside of the root; or
                captions would end in what may not be written.
        """
        self.require_endings(config)
        self.require_folders(config)
        return config

    def config_of(self, settings: Mapping[str, Any]) -> RunConfig:
        """Settings that came with a request, by name.

        Raises:
            ConfigError: one cannot be used, or not here.
        """
        return self(config_of(settings))

    def require_folders(self, config: RunConfig) -> None:
        """Check that the picture folders and the files of networks may be read.

        Raises:
            ConfigError: names each one that lies outside of the root while the host lets nobody choose folders; files
                of networks may lie in its folder of LoRA files, too.
        """
        if self._host.folders_may_be_chosen():
            return
        problems = [
            Problem(name, folder, _REMEDY)
            for name, folders in (
                ("train_data_dir", config.dataset.train_data_dir),
                ("reg_data_dir", config.dataset.reg_data_dir),
                ("validation_data_dir", config.training.validation_data_dir),
            )
            for folder in folders
            if not self._is_in(folder, self._root)
        ]
        places = [place for place in (self._root, self._host.lora_folder()) if place]
        problems += [
            Problem(name, file, _FILES_REMEDY)
            for name, file in config.network.files()
            if not any(self._is_in(file, place) for place in places)
        ]
        problems += [
            Problem("preview_sheets", value[0], _FILES_REMEDY)
            for value in values_of(config.preview.preview_sheets, "lora")
            if value and is_path(value[0]) and not any(self._is_in(value[0], place) for place in places)
        ]
        if problems:
            raise ConfigError(problems)

    @staticmethod
    def _is_in(path: str, place: Path) -> bool:
        try:
            return Path(path).resolve().is_relative_to(place.resolve())
        except (OSError, ValueError, RuntimeError):  # no path at all, or links in a circle
            return False

    def path(self, name: str, path: str) -> Path:
        """A folder or file that a request names.

        Raises:
            ConfigError: there is none, or the host lets nobody choose folders and it lies outside of the root.
        """
        problem = ""
        try:
            found = Path(path)
            if not self._host.folders_may_be_chosen() and not found.resolve().is_relative_to(self._root.resolve()):
                problem = _REMEDY
            elif not path.strip() or not found.exists():
                problem = say("there is no such folder or file; check the path")
        except (OSError, ValueError, RuntimeError):  # no path at all, or links in a circle
            problem = say("there is no such folder or file; check the path")
        if problem:
            raise ConfigError([Problem(name, path, problem)])
        return found

    def require_endings(self, config: RunConfig) -> None:
        """Check the endings of caption files: a page may write few.

        Raises:
            ConfigError: the settings name another.
        """
        permitted = (*CAPTIONS, *self._endings)
        others = [one for one in config.dataset.caption_extension if one.lower() not in map(str.lower, permitted)]
        if others:
            remedy = say("in the tab captions end in {permitted}; others can be chosen on the command line",
                         permitted=either(permitted))  # fmt: skip
            raise ConfigError([Problem("caption_extension", ", ".join(others), remedy)])


def with_own_folders(config: RunConfig, version: Version | None) -> RunConfig:
    """The settings, with the version's own picture folders where they name none."""
    dataset = config.dataset
    if version and not dataset.train_data_dir and (train := version.pictures("train")):
        dataset = replace(dataset, train_data_dir=(str(train),))
        if not dataset.reg_data_dir and (reg := version.pictures("reg")):
            dataset = replace(dataset, reg_data_dir=(str(reg),))
    return replace(config, dataset=dataset)


def edited_folders(dataset: DatasetConfig, follows_links: bool) -> list[Path]:
    """Folders whose files edits may change.

    Args:
        follows_links: whether folders that are links are among them, wherever they lead.
    """
    found = []
    for folder in map(Path, (*dataset.train_data_dir, *dataset.reg_data_dir)):
        found.append(folder)
        if follows_links and os.path.isdir(folder):
            found += [inner for inner in folder.iterdir() if inner.is_symlink() and os.path.isdir(inner)]
    return found
