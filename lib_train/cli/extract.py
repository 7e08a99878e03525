"""``train-tools extract``: a LoRA of the difference of two checkpoints."""

import argparse
from functools import partial

from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path
from lib_train.cli.tools import carried_out, new_tool, settings_in
from lib_train.config.tools import ExtractConfig
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    extract = new_tool(
        commands, "extract", run, say("make a LoRA of the difference of two checkpoints"),
        "train-tools extract base.safetensors trained.safetensors --rank 32 --conv_rank 16 --to learned.safetensors",
        ExtractConfig,
    )  # fmt: skip
    extract.add_argument("base", type=a_path, help=here(say("checkpoint from which the other was trained")))
    extract.add_argument("tuned", type=a_path, help=here(say("checkpoint that was trained")))


def run(options: argparse.Namespace) -> int:
    from lib_train.app import lora_tools

    config = settings_in(options, ExtractConfig)
    return carried_out(options, partial(lora_tools.extract, options.base, options.tuned, options.to, config))
