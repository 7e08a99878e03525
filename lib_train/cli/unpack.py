"""``train-tools unpack``."""

import argparse
from typing import TYPE_CHECKING

from lib_train.cli.console import OK, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, add_output, new_command
from lib_train.cli.packed import bytes_bar
from lib_train.commands import quoted
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say

if TYPE_CHECKING:
    from lib_train.store.pack_files import GoOn, Pack


def add_to(commands: Commands) -> None:
    made = new_command(
        commands, "unpack", run, say("bring results of another machine home, or make the project of an archive"),
        "train-tools unpack mochi-results.zip",
    )  # fmt: skip
    made.add_argument(
        "file", type=a_path, metavar="FILE", help=here(say("archive of train-tools pack or train --from"))
    )
    made.add_argument(
        "--project", default="", help=here(say("results: project that they belong to; none: that which was packed"))
    )
    made.add_argument(
        "--with_states", "--with-states", action="store_true",
        help=here(say("results: bring stopped runs with the state that they can be resumed from")),
    )  # fmt: skip
    add_output(made)


def run(options: argparse.Namespace) -> int:
    from lib_train.store.pack_files import pack_at
    from lib_train.store.packs import PROJECT

    go_on, ended = bytes_bar()
    try:
        with pack_at(options.file) as pack:
            lines = (_make if pack.manifest.kind == PROJECT else _bring)(pack, options, go_on)
    except KeyboardInterrupt:
        print_line(say("interrupted; the same command goes on"))
        return STOPPED
    finally:
        ended()
    for line in lines:
        print_line(line)
    return OK


def _make(pack: "Pack", options: argparse.Namespace, go_on: "GoOn") -> list[str]:
    from lib_train.app.unpacking import taken_in

    if options.project:
        raise ConfigError(
            [
                Problem(
                    "project",
                    options.project,
                    say("belongs to results, and this archive makes a project: leave it out"),
                )
            ]
        )
    project = taken_in(pack, options.output, go_on)
    lines: list[str] = [say("project {name} lies in {folder}", name=project.name, folder=project.folder)]
    if jobs := len(pack.manifest.jobs):
        lines.append(say("jobs that wait in the archive: {count}; they are carried out by: {command}", count=jobs,
                         command=f"train-tools train --from {quoted(str(options.file))}"))  # fmt: skip
    return lines


def _bring(pack: "Pack", options: argparse.Namespace, go_on: "GoOn") -> list[str]:
    from lib_train.app.homecoming import bring_home

    brought = bring_home(pack, options.output, go_on, project=options.project, with_states=options.with_states)
    return brought.lines()
