"""``train-tools rotate``, ``mirror``, ``pad`` and ``background``."""

import argparse

from lib_train.cli.crop import whole
from lib_train.cli.language import here
from lib_train.cli.options import Commands, new_command
from lib_train.cli.retouching import add_pictures, retouch
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    turned = new_command(
        commands, "rotate", run_rotate, say("turn pictures: new files beside them, which one undo takes away"),
        "train-tools rotate --project mochi --degrees 270 --filter name:scan*",
    )  # fmt: skip
    turned.add_argument("--degrees", default="90", help=here(say("clockwise: 90, 180 or 270 (default: 90)")))
    add_pictures(turned)
    mirrored = new_command(
        commands, "mirror", run_mirror, say("exchange left and right of pictures"),
        "train-tools mirror --train_data_dir pictures --tagged",
    )  # fmt: skip
    add_pictures(mirrored)
    padded = new_command(
        commands, "pad", run_pad, say("put whole pictures into the middle of ones of the training proportions"),
        "train-tools pad --train_data_dir pictures --resolution 512 --color '#202020'",
    )  # fmt: skip
    _add_color(padded, say("of what is added, such as #ffffff (default) or white"))
    add_pictures(padded)
    ground = new_command(
        commands, "background", run_background,
        say("lay pictures on a color where they are transparent; cut out what they show before"),
        "train-tools background --project mochi --cut_out u2net --color transparent --take_out",
    )  # fmt: skip
    _add_color(ground, say("of the background, such as #ffffff (default), white, or transparent"))
    ground.add_argument(
        "--cut_out", "--cut-out", default="", metavar="MODEL",
        help=here(
            say("a model of rembg, such as u2net or isnet-anime, or a file called so, that finds what a picture shows")
        ),
    )  # fmt: skip
    add_pictures(ground)


def _add_color(parser: argparse.ArgumentParser, about: str) -> None:
    parser.add_argument("--color", default="#ffffff", help=here(about))


def run_rotate(options: argparse.Namespace) -> int:
    return retouch(options, "rotate", {"degrees": whole("degrees", options.degrees)})


def run_mirror(options: argparse.Namespace) -> int:
    return retouch(options, "mirror", {})


def run_pad(options: argparse.Namespace) -> int:
    return retouch(options, "pad", {"color": options.color})


def run_background(options: argparse.Namespace) -> int:
    return retouch(options, "background", {"color": options.color, "cut_out": options.cut_out})
