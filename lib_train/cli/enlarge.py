"""``train-tools enlarge``."""

import argparse

from lib_train.cli.crop import number
from lib_train.cli.language import here
from lib_train.cli.options import Commands, new_command
from lib_train.cli.retouching import add_pictures, retouch
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    made = new_command(
        commands, "enlarge", run, say("enlarge pictures, or those alone that are smaller than the training size"),
        "train-tools enlarge --train_data_dir pictures --resolution 768 --take_out",
    )  # fmt: skip
    made.add_argument(
        "--factor", help=here(say("times as wide and high; below 1 reduces (default: up to the training size)"))
    )
    add_pictures(made)


def run(options: argparse.Namespace) -> int:
    if options.factor is None:
        return retouch(options, "enlarge", {})
    factor = number("factor", options.factor)
    return retouch(options, "reduce" if factor < 1 else "enlarge", {"factor": factor})
