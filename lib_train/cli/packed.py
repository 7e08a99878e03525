"""``train-tools train --from``: what waits in an archive of a project, on this machine."""

import argparse
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lib_train.cli.console import BAD_INPUT, OK, STATE_ALONE, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import a_path, changes_in, service_for
from lib_train.commands import quoted
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say

if TYPE_CHECKING:
    from lib_train.app.packed_training import Done
    from lib_train.app.service import Service
    from lib_train.store.projects import Project


def add_from(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="packed", type=a_path, metavar="ARCHIVE",
        help=here(say("carry out what waits in an archive of train-tools pack, and pack what came of it; the same "
                      "command goes on where it was stopped")),
    )  # fmt: skip


def bytes_bar() -> tuple[Callable[[int, int], bool], Callable[[], None]]:
    """What shows bytes done of all bytes, and what ends that."""
    from lib_train.cli.bars import Console

    bars = Console()

    def go_on(done: int, total: int) -> bool:
        bars.working("bytes", done, total)
        return True

    return go_on, bars.ended


def run_packed(options: argparse.Namespace) -> int:
    _require_alone(options)
    from lib_train.app.packed_models import Given
    from lib_train.app.packed_training import PackedTraining
    from lib_train.jobs.wishes import Wishes

    @cache
    def services(precision: str) -> "Service":
        return service_for(options, precision)

    project, changes = _taken_in(options), changes_in(options)
    given = Given(changes.pop("base_model", ""), changes.pop("vae", "") or "", options.with_changes)
    done = PackedTraining(services, project, given, changes, options.threads).run(Wishes(), print_line)
    for outcome in done.outcomes:
        for path in (*outcome.checkpoints, *outcome.grids):
            print_line(str(path))
    for line in done.failed:
        print_line(say("failed: {line}", line=line))
    return _told(options, project, done)


def _require_alone(options: argparse.Namespace) -> None:
    others = {"resume": None, "config": None, "preset": None, "like": None, "save_config": None, "project": "default",
              "version": "v1"}  # fmt: skip
    for name, usual in others.items():
        if getattr(options, name) != usual:
            remedy = say("the archive says what is trained: leave it out beside --from; single settings may be given")
            raise ConfigError([Problem(name, str(getattr(options, name)), remedy)])


def _taken_in(options: argparse.Namespace) -> "Project":
    from lib_train.app.unpacking import taken_in
    from lib_train.files import sweep
    from lib_train.store.pack_files import pack_at

    sweep(options.output)
    go_on, ended = bytes_bar()
    try:
        with pack_at(options.packed) as pack:
            return taken_in(pack, options.output, go_on)
    finally:
        ended()


def _told(options: argparse.Namespace, project: "Project", done: "Done") -> int:
    from lib_train.app.packed_results import write_results

    go_on, ended = bytes_bar()
    try:
        results = write_results(project, done.jobs, Path(options.packed).parent, go_on)
    finally:
        ended()
    command = f"train-tools unpack {quoted(results.name)}"
    print_line(say("results: {path}; take the file home, and bring them in with: {command}", path=results,
                   command=command))  # fmt: skip
    if not done.finished:
        print_line(STATE_ALONE)
        print_line(say("stopped and saved; the same command goes on"))
        return STOPPED
    return BAD_INPUT if done.failed else OK
