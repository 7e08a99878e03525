"""``train-tools sets``: the folders of pictures, their parts of an epoch, and pictures moved among them."""

import argparse
from typing import TYPE_CHECKING

from lib_train.cli.console import BAD_INPUT, OK, print_line
from lib_train.cli.doctor import print_treated
from lib_train.cli.language import here
from lib_train.cli.options import Commands, new_command, new_group
from lib_train.cli.pictures import add_filter
from lib_train.cli.retouching import add_places, pictures_of
from lib_train.errors import ConfigError, Problem
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.app.doctor import Treated

_BAR = 20
"""Letters of a whole epoch."""


def add_to(commands: Commands) -> None:
    kinds = new_group(
        commands, "sets", say("show the folders of pictures with their parts of an epoch, and move pictures among them")
    )
    about = say("list the sets with their pictures, repeats, and parts of an epoch")
    add_places(new_command(kinds, "list", run_list, about, "train-tools sets list --train_data_dir pictures"))
    example = "train-tools sets move --train_data_dir pictures --filter hat --to 5_hat --dry-run"
    move = new_command(kinds, "move", run_move, say("move pictures with their captions into another set"), example)
    add_places(move)
    add_filter(move)
    move.add_argument("--to", required=True, metavar="FOLDER",
                      help=here(say("<repeats>_<name> of the set; it is made where there is none")))  # fmt: skip
    move.add_argument("--reg", action="store_true", help=here(say("make them regularisation pictures")))
    _add_dry_run(move)
    example = "train-tools sets repeats --train_data_dir pictures 10_mochi 5"
    repeats = _changing(kinds, "repeats", say("give a set other repeats"), example)
    repeats.add_argument("repeats", type=int, help=here(say("times that each picture counts in an epoch")))
    example = "train-tools sets rename --train_data_dir pictures 10_mochi 10_cat"
    rename = _changing(
        kinds, "rename", say("give a set another name; where there is one already, join the two"), example
    )
    rename.add_argument("to", metavar="FOLDER", help=here(say("its new <repeats>_<name>")))


def _changing(kinds: Commands, name: str, about: str, example: str) -> argparse.ArgumentParser:
    made = new_command(kinds, name, run_rename, about, example)
    add_places(made)
    made.add_argument("folder", metavar="SET", help=here(say("its folder, <repeats>_<name>")))
    made.add_argument("--reg", action="store_true", help=here(say("a set of regularisation pictures")))
    _add_dry_run(made)
    return made


def _add_dry_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry_run", "--dry-run", action="store_true", help=here(say("say what would be done, and write nothing"))
    )


def run_list(options: argparse.Namespace) -> int:
    from lib_train.app.sets import listed

    for one in listed(pictures_of(options, writes=False))["sets"]:
        bar = "#" * max(1, round(_BAR * one["share"]))
        facts = say("{count} x {repeats} = {uses} in an epoch",
                    count=one["pictures"], repeats=one["repeats"], uses=one["uses"])  # fmt: skip
        notes = [say("regularisation")] if one["reg"] else []
        notes += [say("trigger word {word}", word=one["trigger"])] if one["trigger"] else []
        print_line(joined("", (f"{one['share']:4.0%} {bar:<{_BAR}} ", joined(", ", (one["folder"], facts, *notes)))))
    return OK


def run_move(options: argparse.Namespace) -> int:
    from lib_train.app.sets import move

    title, pictures = _title("to", options.to), pictures_of(options)
    reg = True if options.reg else None
    return _told(move(pictures, pictures.chosen(options.filter), title, reg, dry_run=options.dry_run), options)


def run_rename(options: argparse.Namespace) -> int:
    from lib_train.app.imports import default_folder
    from lib_train.app.sets import rename

    if hasattr(options, "to"):
        title = _title("to", options.to)
    else:
        title = default_folder(options.folder.partition("_")[2], options.repeats)
    pictures = pictures_of(options)
    return _told(rename(pictures, options.folder, options.reg, title, dry_run=options.dry_run), options)


def _title(option: str, text: str) -> str:
    """A folder's name that may be used."""
    from lib_train.app.imports import default_folder

    repeats, mark, name = text.partition("_")
    if not (mark and repeats.isascii() and repeats.isdecimal()):
        raise ConfigError([Problem(option, text, say("must be <repeats>_<name>, such as 10_cat"))])
    return default_folder(name, int(repeats))


def _told(treated: "Treated", options: argparse.Namespace) -> int:
    print_treated(treated, options.dry_run)
    return BAD_INPUT if treated.left else OK
