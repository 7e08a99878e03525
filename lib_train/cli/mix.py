"""``train-tools mix``: checkpoints of a version as a further one."""

import argparse
from functools import partial

from lib_train.cli.language import here
from lib_train.cli.options import Commands, add_project, add_settings, changes_in, new_command
from lib_train.cli.threads import add_threads
from lib_train.cli.tools import add_base, add_presets, carried_out, presets_in
from lib_train.config.tools import MergeConfig
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    mix = new_command(
        commands, "mix", run, say("mix checkpoints of a version into a further one"),
        "train-tools mix --project mochi mochi-v1-r001-000006:0.5 mochi-v1-r001-000008:0.5",
    )  # fmt: skip
    mix.add_argument("checkpoints", nargs="+", metavar="NAME:WEIGHT",
                     help=here(say("two or more of the version; without weights, equal shares")))  # fmt: skip
    mix.add_argument("--name", default="", help=here(say("name of the new file; empty is a new one")))
    add_project(mix)
    add_base(mix)
    add_presets(mix)
    add_threads(mix)
    add_settings(mix, {"merge": MergeConfig})


def run(options: argparse.Namespace) -> int:
    from lib_train.app import lora_tools
    from lib_train.app.mixing import free_name, named_in, parted, settings_of, weights_of
    from lib_train.app.new_files import stem_of
    from lib_train.app.settings import read_section
    from lib_train.app.versions import Versions

    version = Versions(options.output).existing(options.project, options.version)
    names, weights = zip(*map(parted, options.checkpoints), strict=True)
    config = read_section(MergeConfig, settings_of(weights_of(weights), changes_in(options)))
    files = named_in(version, names)
    to = version.part("checkpoints") / f"{stem_of(options.name) if options.name else free_name(version)}.safetensors"
    with version.filled():
        return carried_out(options, partial(lora_tools.merge, files, to, config, presets_in(options), options.base))
