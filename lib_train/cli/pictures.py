"""Options of commands that work on pictures: which ones, and where they lie."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lib_train.cli.language import here
from lib_train.cli.options import a_path, add_project, add_setting, changes_in
from lib_train.config.codec import from_json, to_json
from lib_train.config.dataset import DatasetConfig
from lib_train.config.fields import options_of
from lib_train.texts import say
from lib_train.vocabulary import SCHEMA

if TYPE_CHECKING:
    from lib_train.app.picture_sets import PictureSet

_SETTINGS = ("caption_extension", "caption_separator", "keep_tokens", "keep_tokens_separator")


def add_pictures(parser: argparse.ArgumentParser) -> None:
    """Where the pictures lie, and how their captions are read."""
    parser.add_argument(
        "--train_data_dir", "--train-data-dir", type=a_path,
        help=here(say("folder that holds <repeats>_<name> folders; none: the pictures of the version")),
    )  # fmt: skip
    add_project(parser)
    for option in options_of(DatasetConfig):
        if option.name in _SETTINGS:
            add_setting(parser, option)


def add_filter(parser: argparse.ArgumentParser) -> None:
    """Which of them."""
    parser.add_argument("--filter", default="", help=here(say("only these pictures, such as 'blue_eyes -hat'")))


def pictures_of(options: argparse.Namespace, writes: bool = True) -> "PictureSet":
    """The pictures that the options name.

    Args:
        writes: whether the command writes something.

    Raises:
        TrainToolsError: there is no such folder or version, or a setting cannot be used.
    """
    from lib_train.app.picture_sets import set_of_folder, set_of_version
    from lib_train.app.versions import Versions

    changes, folder = changes_in(options), options.train_data_dir
    if folder is not None:
        config, _ = from_json({"schema": SCHEMA}, {**changes, "train_data_dir": [str(folder)]})
        return set_of_folder(Path(folder), config, writes)
    version = Versions(options.output).existing(options.project, options.version)
    config, _ = from_json(to_json(version.settings()[0]), changes)
    return set_of_version(version, config)
