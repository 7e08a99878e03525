"""``train-tools export``."""

import argparse

from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, add_project, new_command, save_config
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    export = new_command(
        commands, "export", run, say("write a version's settings as kohya's sd-scripts reads them (.toml)"),
        "train-tools export --project mochi --to mochi.toml",
    )  # fmt: skip
    add_project(export)
    export.add_argument(
        "--to", type=a_path, required=True, help=here(say("new file; .json has them as Train Tools keeps them"))
    )


def run(options: argparse.Namespace) -> int:
    from lib_train.app.folders import with_own_folders
    from lib_train.app.versions import Versions

    version = Versions(options.output).existing(options.project, options.version)
    return save_config(options.to, with_own_folders(version.settings()[0], version))
