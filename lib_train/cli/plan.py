"""``train-tools plan``."""

import argparse

from lib_train.cli.console import BAD_INPUT, OK, print_line
from lib_train.cli.options import (
    Commands,
    add_project,
    add_run,
    add_settings,
    config_from,
    new_command,
    save_config,
    service_for,
)
from lib_train.config.run import SECTIONS
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    plan = new_command(
        commands, "plan", run, say("say what a run would do, and every problem, without loading the model"),
        "train-tools plan --train_data_dir pictures --base_model model.safetensors --resolution 512,768",
    )  # fmt: skip
    add_project(plan)
    add_run(plan)
    add_settings(plan, SECTIONS)


def run(options: argparse.Namespace) -> int:
    config = config_from(options)
    if options.save_config:
        return save_config(options.save_config, config)
    from lib_train.store.projects import version_named

    version = version_named(options.output, options.project, options.version)
    report = service_for(options, config.training.mixed_precision, writes=False).plan(config, version)
    print_line(str(report))
    return BAD_INPUT if report.problems and config.dataset.on_bad_file == "refuse" else OK
