"""``train-tools masks``: what of pictures counts in the loss."""

import argparse
from pathlib import Path

from lib_train.cli.console import BAD_INPUT, OK, print_line
from lib_train.cli.crop import number
from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, new_command, new_group
from lib_train.cli.retouching import add_choice, pictures_of
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    kinds = new_group(commands, "masks", say("make loss masks of pictures, invert them or take them away"))
    _kind(kinds, "alpha", say("what is transparent is not learned"), "train-tools masks alpha --project mochi")
    box = _kind(
        kinds, "box", say("what lies in a box is learned"), "train-tools masks box --project mochi --box 0,0,1,0.5"
    )
    box.add_argument(
        "--box", required=True, help=here(say("left,top,right,bottom as shares of the picture, such as 0,0,0.5,1"))
    )
    detector = _kind(
        kinds,
        "detector",
        say("what a detector finds is learned"),
        "train-tools masks detector --project mochi --detector face --margin 0.3",
    )
    detector.add_argument(
        "--detector", default="face", help=here(say("face (default), cat, or an ONNX file of YOLOv8's layout"))
    )
    detector.add_argument("--margin", default="0.1", help=here(say("around what was found, as a share of its sides")))
    files = _kind(
        kinds,
        "files",
        say("take masks from files that are called as their pictures"),
        "train-tools masks files --project mochi --folder masks",
    )
    files.add_argument(
        "--folder", required=True, type=a_path, help=here(say("holds them, or folders of them called as the sets"))
    )
    _kind(kinds, "invert", say("exchange what is learned and what is not"), "train-tools masks invert --project mochi")
    _kind(kinds, "none", say("take the masks away"), "train-tools masks none --project mochi")


def _kind(kinds: Commands, name: str, about: str, example: str) -> argparse.ArgumentParser:
    made = new_command(kinds, name, run, about, example)
    add_choice(made)
    made.set_defaults(source=name, box="", detector="", margin="0.1", folder="")
    return made


def run(options: argparse.Namespace) -> int:
    from lib_train.app.masks import Masks

    box = [number("box", side) for side in options.box.split(",")] if options.box else []
    made = Masks(pictures_of(options), lambda name, path: Path(path)).make(
        options.source, options.filter, box=box, detector=options.detector, margin=number("margin", options.margin),
        folder=str(options.folder),
    )  # fmt: skip
    print_line(made["label"])
    for line in made["left"]:
        print_line(say("left as it is: {line}", line=line))
    return BAD_INPUT if made["left"] else OK
