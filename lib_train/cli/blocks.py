"""``train-tools blocks``: weights of blocks, multiplied into a LoRA file."""

import argparse
from functools import partial

from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path
from lib_train.cli.tools import add_base, add_presets, carried_out, new_tool, presets_in, settings_in
from lib_train.config.tools import BlocksConfig
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    blocks = new_tool(
        commands, "blocks", run, say("multiply weights of blocks into a LoRA file"),
        "train-tools blocks mochi.safetensors --to mochi-face.safetensors --weights FACE", BlocksConfig,
    )  # fmt: skip
    add_base(blocks)
    add_presets(blocks)
    blocks.add_argument("file", type=a_path, help=here(say("LoRA file")))


def run(options: argparse.Namespace) -> int:
    from lib_train.app import lora_tools

    config = settings_in(options, BlocksConfig)
    return carried_out(
        options, partial(lora_tools.blocks, options.file, options.to, config, presets_in(options), options.base)
    )
