"""What the commands on LoRA files share."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, add_settings, changes_in, new_command
from lib_train.cli.threads import add_threads, use_threads
from lib_train.texts import say

if TYPE_CHECKING:
    from lib_train.app.lora_tools import Outcome


def new_tool(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    help: str,
    example: str,
    settings: type | None = None,
) -> argparse.ArgumentParser:
    """A command that makes a network file; ``settings`` are declared ones."""
    made = new_command(commands, name, run, help, example)
    made.add_argument("--to", required=True, type=a_path, help=here(say("the new file, *.safetensors")))
    add_threads(made)
    if settings is not None:
        add_settings(made, {name: settings})
    return made


def add_base(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--base", type=a_path,
        help=here(say("checkpoint that the LoRA was trained on; DoRA, IA3, OFT and GLoRA depend on its weights")),
    )  # fmt: skip


def add_presets(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--presets", type=a_path,
        help=here(say("file with lines NAME:1,0,... such as lora-block-weight's lbwpresets.txt")),
    )  # fmt: skip


def presets_in(options: argparse.Namespace) -> dict[str, str]:
    """The lists of ``--presets``, by name."""
    from lib_train.lora_tools.block_lists import read_presets

    return read_presets(options.presets) if options.presets else {}


def settings_in(options: argparse.Namespace, settings: Any) -> Any:
    """The declared settings of a class that were given, with its defaults for the others."""
    return settings(**changes_in(options))


def carried_out(options: argparse.Namespace, act: Callable[..., "Outcome | None"]) -> int:
    """Have a tool work, with a bar, and tell what it made; returns the exit code."""
    from lib_train.app.lora_tools import told
    from lib_train.cli.bars import Console

    use_threads(options.threads)
    bars = Console()

    def go_on(done: int, total: int) -> bool:
        bars.working("layers", done, total)
        return True

    try:
        outcome = act(go_on=go_on)
    finally:
        bars.ended()
    assert outcome is not None, "nobody can cancel it here but by Ctrl-C"
    for line in told(outcome):
        print_line(line)
    return OK
