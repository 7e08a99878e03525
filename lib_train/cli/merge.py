"""``train-tools merge``: several LoRA files as one, or put into a checkpoint."""

import argparse
from functools import partial

from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path
from lib_train.cli.tools import add_base, add_presets, carried_out, new_tool, presets_in, settings_in
from lib_train.config.tools import MergeConfig
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    merge = new_tool(
        commands, "merge", run, say("merge LoRA files of any kinds into one, or into a checkpoint"),
        "train-tools merge face.safetensors body.safetensors --weights 0.5,0.5 --to both.safetensors", MergeConfig,
    )  # fmt: skip
    add_base(merge)
    merge.add_argument(
        "--into", type=a_path, help=here(say("checkpoint of which the new file becomes a copy with them in it"))
    )
    add_presets(merge)
    merge.add_argument("files", nargs="+", type=a_path, help=here(say("LoRA files")))


def run(options: argparse.Namespace) -> int:
    from lib_train.app import lora_tools

    config = settings_in(options, MergeConfig)
    tool = partial(lora_tools.merge, options.files, options.to, config, presets_in(options), options.base, options.into)
    return carried_out(options, tool)
