"""``train-tools install-embedded``."""

import argparse

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, new_command
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    install = new_command(
        commands, "install-embedded", run, say("put the embedded model into a WebUI's models"),
        "train-tools install-embedded ~/stable-diffusion-webui",
    )  # fmt: skip
    install.add_argument("webui", type=a_path, help=here(say("the folder that holds webui.py")))


def run(options: argparse.Namespace) -> int:
    from lib_train.host.standalone.host import install_embedded

    for path in install_embedded(options.webui):
        print_line(str(path))
    return OK
