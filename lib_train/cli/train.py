"""``train-tools train``: starts or resumes a run."""

import argparse
from typing import TYPE_CHECKING

from lib_train.cli.console import OK, STATE_ALONE, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import (
    Commands,
    add_project,
    add_run,
    add_settings,
    changes_in,
    config_from,
    new_command,
    save_config,
    service_for,
)
from lib_train.cli.packed import add_from, run_packed
from lib_train.cli.threads import add_threads
from lib_train.commands import quoted
from lib_train.config.codec import from_json
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.errors import ConfigError, Problem
from lib_train.store.layout import ROOT
from lib_train.texts import say

if TYPE_CHECKING:
    from lib_train.app.service import Outcome


def add_to(commands: Commands) -> None:
    train = new_command(
        commands, "train", run, say("train a LoRA"),
        "train-tools train --project mochi --train_data_dir pictures --base_model model.safetensors --network_dim 16",
    )  # fmt: skip
    add_from(train)
    add_project(train)
    add_run(train)
    add_threads(train)
    train.add_argument(
        "--resume", nargs="?", const="", metavar="RUN", help=here(say("go on with a stopped run; empty: the newest"))
    )
    train.add_argument(
        "--with_changes", "--with-changes", action="store_true",
        help=here(say(
            "with --resume: go on also when pictures, captions, base model or settings are not those it began with"
        )),
    )  # fmt: skip
    add_settings(train, SECTIONS)


def run(options: argparse.Namespace) -> int:
    if options.packed is not None:
        return run_packed(options)
    if options.resume is None or options.save_config:
        config = config_from(options)
    if options.save_config:
        return save_config(options.save_config, config)
    outcome = _begin(options, config) if options.resume is None else _go_on(options)
    for path in (*outcome.checkpoints, *outcome.grids):
        print_line(str(path))
    if outcome.over:
        return OK
    again = f"train-tools train --project {quoted(options.project)} --version {quoted(options.version)}"
    where = "" if options.output == ROOT else f" --output {quoted(str(options.output))}"
    command = f"{again}{where} --resume {outcome.run.name}"
    print_line(STATE_ALONE)
    print_line(say("stopped and saved; go on with: {command}", command=command))
    return STOPPED


def _begin(options: argparse.Namespace, config: RunConfig) -> "Outcome":
    if options.with_changes:
        raise ConfigError([Problem("with_changes", True, say("belongs to --resume: name the run that is to go on"))])
    return service_for(options, config.training.mixed_precision).train(options.project, options.version, config)


def _go_on(options: argparse.Namespace) -> "Outcome":
    if given := next((name for name in ("config", "preset", "like") if getattr(options, name)), ""):
        remedy = say(
            "a resumed run keeps its settings: leave them out, or start a new run (given: {given})", given=given
        )
        raise ConfigError([Problem("resume", options.resume, remedy)])
    from lib_train.store.projects import version_named
    from lib_train.store.runs import run_named

    version = version_named(options.output, options.project, options.version)
    kept = run_named(version, options.resume, "resume").settings()
    precision = from_json(kept["config"])[0].training.mixed_precision
    options.threads = options.threads or kept.get("threads")  # with others, sums are rounded in another order
    return service_for(options, precision).resume(
        options.project, options.version, options.resume, with_changes=options.with_changes, places=changes_in(options)
    )
