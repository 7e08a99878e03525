"""``train-tools convert``: a LoRA file in another precision, under other names, with other metadata."""

import argparse
from functools import partial

from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path
from lib_train.cli.tools import carried_out, new_tool, settings_in
from lib_train.config.tools import ConvertConfig
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    convert = new_tool(
        commands, "convert", run, say("change a LoRA file's precision, names, metadata, trigger words or cover"),
        'train-tools convert mochi.safetensors --to mochi16.safetensors --save_precision fp16 --trigger "mochi cat"',
        ConvertConfig,
    )  # fmt: skip
    convert.add_argument("--cover", type=a_path, help=here(say("picture for the card, into the file and beside it")))
    convert.add_argument("file", type=a_path, help=here(say("LoRA file")))


def run(options: argparse.Namespace) -> int:
    from lib_train.app import lora_tools

    config = settings_in(options, ConvertConfig)
    return carried_out(options, partial(lora_tools.convert, options.file, options.to, config, options.cover))
