"""``train-tools notes``: what a person thinks of a version."""

import argparse

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, add_project, new_command
from lib_train.texts import joined, say

_LABELS = {
    "copy_of": say("Copy of"),
    "conclusion": say("Conclusion"),
    "best": say("Best checkpoint"),
    "notes": say("Notes"),
}


def add_to(commands: Commands) -> None:
    example = 'train-tools notes --project mochi --version v2 --conclusion "rank 8 is enough"'
    made = new_command(commands, "notes", run, say("show a version's notes and conclusion, or write them"), example)
    add_project(made)
    made.add_argument("--text", help=here(say("write the notes; an empty text takes them away")))
    made.add_argument("--conclusion", help=here(say("write what came of it, in a sentence or two")))
    made.add_argument("--best", metavar="FILE", help=here(say("write which checkpoint was found best")))


def run(options: argparse.Namespace) -> int:
    from lib_train.app.version_notes import Noting
    from lib_train.app.versions import Versions

    given = {"notes": options.text, "conclusion": options.conclusion, "best": options.best}
    changes = {name: text for name, text in given.items() if text is not None}
    noting, place = Noting(Versions(options.output)), (options.project, options.version)
    found = noting.write(*place, changes) if changes else noting.of(*place)
    for name, label in _LABELS.items():
        if found[name]:
            print_line(joined(": ", (label, found[name])))
    if not any(found.values()):
        print_line(say("no notes yet; write some with --text or --conclusion"))
    return OK
