"""``train-tools inspect``."""

import argparse

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, new_command
from lib_train.texts import joined, say


def add_to(commands: Commands) -> None:
    inspect = new_command(
        commands, "inspect", run, say("say what is in a LoRA file"), "train-tools inspect my_lora.safetensors"
    )
    inspect.add_argument("files", nargs="+", type=a_path, help=here(say("LoRA files")))


def run(options: argparse.Namespace) -> int:
    from lib_train.app.service import described

    for place, path in enumerate(options.files):
        print_line(joined("", ("\n" if place else "", described(path))))
    return OK
