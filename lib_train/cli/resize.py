"""``train-tools resize``: a LoRA file with fewer ranks."""

import argparse
from functools import partial

from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path
from lib_train.cli.tools import add_base, carried_out, new_tool, settings_in
from lib_train.config.tools import ResizeConfig
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    resize = new_tool(
        commands, "resize", run, say("make a LoRA file smaller: fewer ranks, of whatever kind it is"),
        "train-tools resize mochi.safetensors --to mochi-small.safetensors --sv_ratio 16", ResizeConfig,
    )  # fmt: skip
    add_base(resize)
    resize.add_argument("file", type=a_path, help=here(say("LoRA file")))


def run(options: argparse.Namespace) -> int:
    from lib_train.app import lora_tools

    config = settings_in(options, ResizeConfig)
    return carried_out(options, partial(lora_tools.resize, options.file, options.to, config, options.base))
