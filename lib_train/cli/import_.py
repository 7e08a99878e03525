"""``train-tools import``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lib_train.cli.console import BAD_INPUT, OK, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, add_project, new_command
from lib_train.errors import ConfigError, Problem
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.pictures.arrivals import Ground, Taken


def add_to(commands: Commands) -> None:
    made = new_command(
        commands, "import", run, say("take in pictures and captions: zip archives, folders, single files"),
        "train-tools import pictures.zip --project mochi --repeats 10",
    )  # fmt: skip
    made.add_argument(
        "given", nargs="+", type=a_path, metavar="path", help=here(say("zip archive, folder or picture; it is copied"))
    )
    add_project(made)
    made.add_argument(
        "--train_data_dir", "--train-data-dir", type=a_path,
        help=here(say("take them into this folder instead of a project's")),
    )  # fmt: skip
    made.add_argument(
        "--reg_data_dir", "--reg-data-dir", type=a_path,
        help=here(say("with it: the folder of regularisation pictures")),
    )  # fmt: skip
    made.add_argument(
        "--name", default="subject", help=here(say("of the folder for files from no <repeats>_<name> folder"))
    )
    made.add_argument("--repeats", default=10, type=int, help=here(say("of that folder (default: 10)")))
    made.add_argument(
        "--captions_from_prompts", "--captions-from-prompts", action="store_true",
        help=here(say("pictures of the WebUI without a caption get their prompt, without weights and networks")),
    )  # fmt: skip
    made.add_argument("--dry_run", "--dry-run", action="store_true", help=here(say("count only; write nothing")))


def run(options: argparse.Namespace) -> int:
    from lib_train.app.imports import default_folder, take_all
    from lib_train.cli.bars import Console

    default, bars = default_folder(options.name, options.repeats), Console()

    def go_on(done: int, total: int) -> bool:
        bars.working("files", done, total)
        return True

    try:
        taken = take_all(_ground(options), default, options.given, prompts=options.captions_from_prompts,
                         dry_run=options.dry_run, go_on=go_on)  # fmt: skip
    except KeyboardInterrupt:
        print_line(say("interrupted: nothing of it was kept"))
        return STOPPED
    finally:
        bars.ended()
    for line in lines_of(taken, options.dry_run):
        print_line(line)
    return BAD_INPUT if taken.refused else OK


def _ground(options: argparse.Namespace) -> "Ground":
    from lib_train.pictures.arrivals import Ground
    from lib_train.pictures.places import Places

    if options.train_data_dir is None:
        from lib_train.store.projects import open_project, version_named

        if not options.dry_run:
            open_project(options.output, options.project).version(options.version)
        return Ground.of_version(version_named(options.output, options.project, options.version).folder)
    folder: Path = options.train_data_dir
    if not folder.is_dir():
        raise ConfigError([Problem("train_data_dir", str(folder), say("is no folder; check the path"))])
    return Ground(folder, options.reg_data_dir, Places.of_folder(folder))


def lines_of(taken: "Taken", dry_run: bool) -> list[str]:
    """What came of an import, for a person."""
    counts = [
        say("{count} would be added", count=taken.kept) if dry_run else say("{count} added", count=taken.kept),
        say("{count} were there already", count=taken.same),
        say("{count} got a number: others had their names", count=taken.renamed),
        say("{count} converted to PNG", count=taken.converted),
        say("{count} with a caption made from its prompt", count=taken.captioned),
        say("{count} left out: hidden, or neither picture nor caption", count=taken.left_out),
    ]
    numbers = (1, taken.same, taken.renamed, taken.converted, taken.captioned, taken.left_out)
    head = joined(", ", [line for line, number in zip(counts, numbers, strict=True) if number])
    notes = [say("note: {note}", note=line) for line in (*taken.twice, *taken.unreadable)]
    return [head, *notes, *(say("not taken: {line}", line=line) for line in taken.refused)]
