"""``train-tools demo``."""

import argparse

from lib_train.cli.console import print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, add_output, new_command, service_for
from lib_train.cli.threads import add_threads
from lib_train.config.network import NETWORK_TYPES
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    demo = new_command(
        commands, "demo", run,
        say("train the sample character on the embedded model and count how well it was learned"),
        "train-tools demo",
    )  # fmt: skip
    demo.add_argument("--network_type", "--network-type", choices=NETWORK_TYPES, default="lora",
                      help=here(say("kind of network that is trained (default: lora)")))  # fmt: skip
    add_output(demo)
    add_threads(demo)


def run(options: argparse.Namespace) -> int:
    from lib_train.demo.run import run as run_demo

    return run_demo(service_for(options), print_line, options.network_type)
