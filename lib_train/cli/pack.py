"""``train-tools pack``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lib_train.cli.console import OK, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, add_output, new_command
from lib_train.cli.packed import bytes_bar
from lib_train.commands import quoted
from lib_train.texts import say

if TYPE_CHECKING:
    from lib_train.app.packing import Report


def add_to(commands: Commands) -> None:
    made = new_command(
        commands, "pack", run, say("pack a project for another machine: pictures, settings and waiting jobs"),
        "train-tools pack mochi.zip --project mochi",
    )  # fmt: skip
    made.add_argument(
        "file", nargs="?", type=a_path, metavar="FILE", help=here(say("archive to write (default: <project>.zip)"))
    )
    made.add_argument("--project", default="default", help=here(say("name of the project (default: default)")))
    made.add_argument(
        "--version", action="append", default=[], help=here(say("version to pack; again for several; none: all"))
    )
    add_output(made)
    for name, about in (
        ("with_model", say("take the base model along, too: gigabytes, but nothing to look for there")),
        ("with_runs", say("take along runs that were stopped; they go on there")),
        ("with_checkpoints", say("take along the checkpoints that are there")),
        ("take_jobs", say("take the packed jobs out of the queue here, once the archive is written")),
    ):
        made.add_argument(f"--{name}", f"--{name.replace('_', '-')}", action="store_true", help=here(about))


def run(options: argparse.Namespace) -> int:
    from lib_train.app.packing import Packing, Wish
    from lib_train.host.standalone.host import StandaloneHost

    packing = Packing(StandaloneHost(device="cpu"), options.output)
    wish = Wish(versions=options.version, with_model=options.with_model, with_runs=options.with_runs,
                with_checkpoints=options.with_checkpoints)  # fmt: skip
    go_on, ended = bytes_bar()
    try:
        report = packing.pack(options.project, wish, options.file or Path(f"{options.project}.zip"), go_on)
    except KeyboardInterrupt:
        print_line(say("interrupted: nothing of it was kept"))
        return STOPPED
    finally:
        ended()
    if options.take_jobs:
        packing.take_out(report)
    for line in lines_of(report, options.take_jobs):
        print_line(line)
    return OK


def lines_of(report: "Report", taken: bool) -> list[str]:
    """What went into an archive, for a person."""
    lines = [*report.lines(), *(say("note: {note}", note=note) for note in report.notes)]
    jobs = len(report.manifest.jobs)
    if jobs and not taken:
        lines.append(say("the jobs wait here as well; those that are done there are taken out when results come home"))
    command = f"train-tools train --from {quoted(report.path.name)}"
    return [*lines, say("there: {command}", command=command)]
