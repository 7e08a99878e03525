"""``train-tools captions``: batch edits, tags, binding, undo."""

import argparse
from collections.abc import Callable

from lib_train.cli import caption_runs
from lib_train.cli.language import here
from lib_train.cli.options import Commands, new_command, new_group
from lib_train.cli.pictures import add_filter, add_pictures
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    kinds = new_group(commands, "captions", say("edit captions in batches, count tags, and take edits back"))
    _add_edits(kinds)
    _add_tags(kinds)
    _add_history(kinds)


def _add_edits(kinds: Commands) -> None:
    tags = say("tags; several in one word are separated as in captions")
    add = _edit(
        kinds, "add", say("add tags that are missing"), "train-tools captions add --train_data_dir pictures mochi"
    )
    add.add_argument("tags", nargs="+", help=here(tags))
    add.add_argument("--last", action="store_true", help=here(say("behind the others instead of before them")))
    remove = _edit(
        kinds, "remove", say("remove tags"), "train-tools captions remove --train_data_dir pictures solo 'blue eyes'"
    )
    remove.add_argument("tags", nargs="+", help=here(tags))
    example = "train-tools captions replace --train_data_dir pictures --find blue_eyes --with 'green eyes' --dry-run"
    _add_replace(_edit(kinds, "replace", say("replace a tag, an expression or text"), example))
    sort = _edit(kinds, "sort", say("sort tags"), "train-tools captions sort --train_data_dir pictures --by name")
    sort.add_argument("--by", choices=("frequency", "name"), default="frequency",
                      help=here(say("most frequent first, or from A to Z")))  # fmt: skip
    front = _edit(
        kinds, "front", say("move tags to the front"), "train-tools captions front --train_data_dir pictures mochi"
    )
    front.add_argument("tags", nargs="+", help=here(tags))
    _edit(
        kinds,
        "dedupe",
        say("remove tags that a caption has twice"),
        "train-tools captions dedupe --train_data_dir pictures",
    )
    underscores = _edit(
        kinds,
        "underscores",
        say("make spaces of underscores, but in faces such as o_o"),
        "train-tools captions underscores --train_data_dir pictures",
    )
    underscores.add_argument("--to", choices=("spaces", "underscores"), default="spaces",
                             help=here(say("what they become")))  # fmt: skip
    case = _edit(
        kinds,
        "case",
        say("make letters small or capital"),
        "train-tools captions case --train_data_dir pictures --to lower",
    )
    case.add_argument("--to", choices=("lower", "upper", "first"), default="lower",
                      help=here(say("all small, all capital, or the first of each tag capital")))  # fmt: skip
    separators = _edit(
        kinds,
        "separators",
        say("put the separator of the settings for other ones"),
        "train-tools captions separators --train_data_dir pictures --of ';|'",
    )
    separators.add_argument("--of", default=argparse.SUPPRESS, help=here(say("the other ones, sign by sign")))


def _add_replace(replace: argparse.ArgumentParser) -> None:
    replace.add_argument("--find", required=True, help=here(say("a tag, an expression or text")))
    replace.add_argument("--with", dest="to", default="", help=here(say("what comes in its place; none removes it")))
    replace.add_argument("--regex", action="store_true",
                         help=here(say("a regular expression, tried on each tag; \\1 is its first group")))  # fmt: skip
    replace.add_argument("--text", action="store_true", help=here(say("in the whole line, as in sentences")))
    replace.add_argument("--ignore_case", "--ignore-case", action="store_true",
                         help=here(say("expressions and text in any case; tags always are")))  # fmt: skip


def _edit(kinds: Commands, name: str, about: str, example: str) -> argparse.ArgumentParser:
    made = _command(kinds, name, caption_runs.run_edit, about, example)
    add_filter(made)
    made.add_argument("--all_lines", "--all-lines", action="store_true",
                      help=here(say("lines below the first, which is trained, too")))  # fmt: skip
    _add_dry_run(made)
    made.set_defaults(do=name)
    return made


def _command(
    kinds: Commands, name: str, run: Callable[[argparse.Namespace], int], about: str, example: str
) -> argparse.ArgumentParser:
    made = new_command(kinds, name, run, about, example)
    add_pictures(made)
    return made


def _add_dry_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry_run", "--dry-run", action="store_true",
                        help=here(say("say what would change, with examples, and write nothing")))  # fmt: skip


def _add_tags(kinds: Commands) -> None:
    tags = _command(
        kinds,
        "tags",
        caption_runs.run_tags,
        say("count tags"),
        "train-tools captions tags --train_data_dir pictures --beside 'blue eyes'",
    )
    add_filter(tags)
    tags.add_argument("--beside", action="append", default=[], metavar="TAG",
                      help=here(say("count tags that come together with this one")))  # fmt: skip
    tags.add_argument("--all", action="store_true", help=here(say("all of them, also the rarest")))
    about = say("let a trigger word take over what a character looks like")
    bind = _command(
        kinds,
        "bind",
        caption_runs.run_bind,
        about,
        "train-tools captions bind --train_data_dir pictures --trigger mochi --character 'blue eyes' 'long hair'",
    )
    add_filter(bind)
    bind.add_argument("--trigger", default="", help=here(say("word that comes first in each caption")))
    bind.add_argument("--character", nargs="+", default=[], metavar="TAG",
                      help=here(say("tags that the trigger word takes over; none: say which are common")))  # fmt: skip
    bind.add_argument("--free", nargs="+", default=[], metavar="TAG",
                      help=here(say("common tags that stay, to be remembered")))  # fmt: skip
    bind.add_argument("--again", action="store_true",
                      help=here(say("do the remembered choices to captions that came later")))  # fmt: skip
    _add_dry_run(bind)


def _add_history(kinds: Commands) -> None:
    undo = _command(
        kinds,
        "undo",
        caption_runs.run_undo,
        say("take the last edit back"),
        "train-tools captions undo --train_data_dir pictures",
    )
    undo.add_argument("--number", type=int, help=here(say("an earlier edit, by its number")))
    _command(
        kinds,
        "redo",
        caption_runs.run_redo,
        say("do the edit again that was undone last"),
        "train-tools captions redo --train_data_dir pictures",
    )
    _command(
        kinds,
        "edits",
        caption_runs.run_list,
        say("list edits, the newest first"),
        "train-tools captions edits --train_data_dir pictures",
    )
