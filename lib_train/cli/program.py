"""All commands under one name, and how each of them ends."""

import argparse
import sys
import warnings
from collections.abc import Sequence

from lib_train.cli import demo, inspect, install_embedded, plan, preview, train, ui
from lib_train.cli.console import BAD_INPUT, STOPPED
from lib_train.errors import TrainToolsError

COMMANDS = (demo, ui, train, plan, preview, inspect, install_embedded)
"""In the order in which the help lists them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console without Chinese letters shall not end a run
    options = parser().parse_args(argv)
    warnings.filterwarnings("ignore", module=r"(diffusers|transformers|huggingface_hub|torch)\b")
    try:
        code: int = options.command(options)
    except TrainToolsError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return STOPPED
    return code


def parser() -> argparse.ArgumentParser:
    """Every command with every option."""
    made = argparse.ArgumentParser(
        prog="train-tools",
        description="Train LoRA networks for Stable Diffusion, and see what each checkpoint learned.",
        epilog="train-tools <command> --help explains each command with an example.",
    )
    commands = made.add_subparsers(required=True, metavar="command")
    for command in COMMANDS:
        command.add_to(commands)
    return made
