"""``train-tools sweep``: several trainings that differ in some settings, and a report that compares them."""

import argparse
import time
from typing import TYPE_CHECKING, Any

from lib_train.cli.console import BAD_INPUT, OK, print_line
from lib_train.cli.language import here, own_language
from lib_train.cli.options import (
    Commands,
    add_project,
    add_run,
    add_settings,
    changes_in,
    config_from,
    forget,
    new_command,
    save_config,
)
from lib_train.cli.queue import carried_out, session_for, to_flat
from lib_train.cli.threads import add_threads, use_threads
from lib_train.config.run import SECTIONS
from lib_train.config.sweep import is_swept, told
from lib_train.jobs.sweep_rows import STATES
from lib_train.planning.words import span_text
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.app.session import Session
    from lib_train.app.sweep_plans import PlannedSweep

_LOOK_SECONDS = 0.2


def add_to(commands: Commands) -> None:
    sweep = new_command(
        commands, "sweep", run, say("train once with each combination of several values, and compare in a report"),
        'train-tools sweep --project mochi --unet_lr "5e-5, 1e-4" --optimizer_type "AdamW, Lion" --dry_run',
    )  # fmt: skip
    add_project(sweep)
    add_run(sweep)
    add_threads(sweep)
    what = sweep.add_mutually_exclusive_group()
    what.add_argument("--dry_run", "--dry-run", action="store_true",
                      help=here(say("list the runs with their steps and times, and begin none")))  # fmt: skip
    what.add_argument("--list", action="store_true", help=here(say("list the version's sweeps and their runs")))
    what.add_argument("--report", nargs="?", const="", metavar="SWEEP",
                      help=here(say("make the report of a sweep anew; empty: the newest")))  # fmt: skip
    sweep.add_argument("--queue", action="store_true",
                       help=here(say("add to the queue, for `train-tools queue run` or an open WebUI")))  # fmt: skip
    sweep.add_argument(
        "--prompts", choices=("version", "fixed"), default="version",
        help=here(say("of the report: the preview prompts, or thirteen that are always the same, with the trigger "
                      "word in front (default: version; fixed where there are no preview prompts)")),
    )  # fmt: skip
    add_settings(sweep, SECTIONS)


def run(options: argparse.Namespace) -> int:
    if options.list:
        return _listed(options)
    use_threads(options.threads)
    if options.report is not None:
        return _reported(options)
    texts = {name: text for name, text in _texts(options).items() if is_swept(name, text)}
    forget(options, texts)
    config = config_from(options)
    if options.save_config:
        return save_config(options.save_config, config)
    session = _session(options)
    settings = to_flat(config)
    plan = session.sweeps.plan(options.project, options.version, texts, settings)
    _print_table(plan)
    if options.dry_run:
        return BAD_INPUT if any(one.error for one in plan.runs) else OK
    sweep = session.sweeps.add(options.project, options.version, plan, options.prompts, own_language())
    if options.queue:
        print_line(say("added {count} runs and the report to the queue as sweep {name}",
                       count=len(plan.runs), name=sweep.name))  # fmt: skip
        return OK
    session.queue.begins = True
    code = carried_out(session)
    for path in sweep.reports().values():
        print_line(str(path))
    return code


def _texts(options: argparse.Namespace) -> dict[str, str]:
    """Settings that were given, in the order of the command line; what several words gave is one text again."""
    words: dict[str, Any] = changes_in(options)
    return {name: " ".join(text) if isinstance(text, list) else str(text) for name, text in words.items()}


def _session(options: argparse.Namespace) -> "Session":
    """One that begins nothing by itself, and tells what it does."""
    from lib_train.cli.queue_status import TellingStatus

    session = session_for(options, TellingStatus(options.output))
    session.queue.begins = False
    return session


def _print_table(plan: "PlannedSweep") -> None:
    names = [name for name, _ in plan.axes]
    rows: list[list[str]] = [["", *names, here(say("steps")), here(say("time"))]]
    for number, one in enumerate(plan.runs, 1):
        values = [told(name, one.changes[name]) for name in names]
        steps = str(one.report.plan.total_steps) if one.report else "-"
        rows.append([str(number), *values, steps, here(_time(one.report.seconds if one.report else None))])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        print_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for number, one in enumerate(plan.runs, 1):
        if one.error:
            print_line(say("run {number} cannot begin: {why}", number=number, why=one.error))
    print_line(say("{count} runs, {steps} steps, {time}",
                   count=len(plan.runs), steps=plan.steps, time=_time(plan.seconds)))  # fmt: skip


def _time(seconds: float | None) -> str:
    if not seconds:
        return say("time not known yet")
    return say("about {span}", span=span_text(seconds))


def _listed(options: argparse.Namespace) -> int:
    found = _session(options).sweeps.listed(options.project, options.version)
    for one in found:
        print_line(joined("", (one["name"], ": ", ", ".join(one["axes"]))))
        for row in one["runs"]:
            loss = [f"loss {row['loss']:.4f}"] if row["loss"] is not None else []
            print_line(joined("", ("  ", joined(", ", (row["name"], STATES[row["state"]], *loss)))))
    if not found:
        print_line(say("no sweep yet"))
    return OK


def _reported(options: argparse.Namespace) -> int:
    session = _session(options)
    put = session.queue.add if options.queue else session.queue.start
    sweep = session.sweeps.report(options.project, options.version, options.report, own_language(), put)
    if options.queue:
        print_line(say("the report of {name} waits in the queue", name=sweep.name))
        return OK
    while session.queue.busy:
        time.sleep(_LOOK_SECONDS)
    job = session.status.job()
    if job["phase"] != "finished":
        return BAD_INPUT
    print_line(job["outcome"])
    for path in sweep.reports().values():
        print_line(str(path))
    return OK
