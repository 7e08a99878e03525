"""``train-tools crop``."""

import argparse
from typing import Any

from lib_train.cli.language import here
from lib_train.cli.options import Commands, new_command
from lib_train.cli.retouching import add_pictures, retouch
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    made = new_command(
        commands, "crop", run,
        say("cut parts out of pictures: new files beside them, which one undo takes away"),
        "train-tools crop --project mochi --detector face --margin 0.4 --held --tagged",
    )  # fmt: skip
    ways = made.add_mutually_exclusive_group()
    ways.add_argument("--box", help=here(say("left,top,right,bottom as shares of the picture, such as 0,0,0.5,1")))
    ways.add_argument(
        "--split", nargs="?", const="head,upper,whole", metavar="PARTS",
        help=here(say("one picture for each of head, upper body and whole person")),
    )  # fmt: skip
    ways.add_argument(
        "--person", metavar="NAME", nargs="?", const="person",
        help=here(say("whole persons into the regularisation folder 1_NAME, heads into the training")),
    )  # fmt: skip
    ways.add_argument(
        "--multiply", metavar="COUNT", help=here(say("so many pictures in all, of a few: nearer and mirrored"))
    )
    made.add_argument(
        "--detector", default="",
        help=here(say("face, cat, or an ONNX file of YOLOv8's layout; a crop without one is about what draws the eye")),
    )  # fmt: skip
    made.add_argument("--margin", default="0.1", help=here(say("around what was found, as a share of its sides")))
    made.add_argument(
        "--share", default="0.7", help=here(say("about what draws the eye: share of the largest crop's sides"))
    )
    made.add_argument("--held", action="store_true", help=here(say("hold crops to the training proportions")))
    add_pictures(made)


def run(options: argparse.Namespace) -> int:
    common: dict[str, Any] = {"detector": options.detector}
    if options.split is not None:
        parts = [part.strip() for part in options.split.split(",")]
        return retouch(options, "split", {**common, "parts": parts, "held": options.held})
    if options.person is not None:
        return retouch(options, "person", {**common, "name": options.person})
    if options.multiply is not None:
        return retouch(options, "multiply", {**common, "count": whole("multiply", options.multiply)})
    box = [number("box", side) for side in options.box.split(",")] if options.box is not None else []
    return retouch(options, "crop", {
        **common, "box": box, "held": options.held, "margin": number("margin", options.margin),
        "share": number("share", options.share),
    })  # fmt: skip


def number(name: str, text: str) -> float:
    """A number of the command line.

    Raises:
        ConfigError: it is none.
    """
    try:
        return float(text)
    except ValueError:
        raise ConfigError([Problem(name, text, say("must be a number"))]) from None


def whole(name: str, text: str) -> int:
    """A whole number of the command line.

    Raises:
        ConfigError: it is none.
    """
    try:
        return int(text)
    except ValueError:
        raise ConfigError([Problem(name, text[:80], say("must be a whole number"))]) from None
