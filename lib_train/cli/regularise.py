"""``train-tools regularise``."""

import argparse
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

from lib_train.cli.console import OK, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, add_device, add_prediction_type, add_settings, changes_in, new_command
from lib_train.cli.retouching import add_places, pictures_of
from lib_train.cli.threads import add_threads, use_threads
from lib_train.config.fields import options_of
from lib_train.config.regularisation import RegularisationConfig
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.app.regularisation import Planned
    from lib_train.config.run import RunConfig


def add_to(commands: Commands) -> None:
    made = new_command(
        commands, "regularise", run, say("make regularisation pictures of a class with the base model"),
        'train-tools regularise --project mochi --class_word girl --class_prompt "1girl, {standing|sitting}"',
    )  # fmt: skip
    add_places(made)
    made.add_argument(
        "--resolution", help=here(say("training size, such as 512,768 (default: the project's, or the model's)"))
    )
    made.add_argument(
        "--base_model", "--base-model", default="", help=here(say("checkpoint file; empty: that of the version"))
    )
    made.add_argument("--vae", default="", help=here(say("separate VAE file")))
    add_prediction_type(made)
    made.add_argument(
        "--dry_run", "--dry-run", action="store_true", help=here(say("say what would be done, and write nothing"))
    )
    add_device(made)
    add_threads(made)
    add_settings(made, {"regularisation": RegularisationConfig})


def run(options: argparse.Namespace) -> int:
    from lib_train.app.regularisation import as_previews, carry_out, planned, require_missing
    from lib_train.app.settings import read_section
    from lib_train.cli.bars import Console
    from lib_train.host.standalone.host import StandaloneHost
    from lib_train.jobs.running import stopping_on_signals

    use_threads(options.threads)
    host, bars, run_config = StandaloneHost(device=options.device), Console(), _run_config(options)
    names = {declared.name for declared in options_of(RegularisationConfig)}
    given = {name: value for name, value in changes_in(options).items() if name in names}
    config = read_section(RegularisationConfig, {**as_previews(run_config.preview), **given})
    pictures = pictures_of(options, writes=not options.dry_run)
    plan = planned(host, pictures, run_config, config)
    if options.dry_run:
        return _would(plan)
    require_missing(plan)
    stop = Event()
    try:
        with stopping_on_signals(stop):
            label = carry_out(host, pictures, plan, bars, stop)
    finally:
        bars.ended()
    if stop.is_set():
        print_line(joined("; ", (label, say("start it again to go on"))))
        return STOPPED
    print_line(label)
    return OK


def _run_config(options: argparse.Namespace) -> "RunConfig":
    """Base model, clip skip and previews of the version, or as declared for a folder."""
    from lib_train.config.run import RunConfig
    from lib_train.store.projects import version_named

    run = RunConfig()
    if options.train_data_dir is None:
        run = version_named(options.output, options.project, options.version).kept().config
    if options.base_model:  # what the version says is of its own base model
        run = replace(run, base_model=options.base_model, prediction_type="")
    prediction = changes_in(options).get("prediction_type", run.prediction_type)
    return replace(run, vae=options.vae or run.vae, prediction_type=prediction)


def _would(plan: "Planned") -> int:
    count, folder = len(plan.missing), plan.target.folder.name
    print_line(say("{count} would be made in {folder}", count=count, folder=folder))
    for one in plan.missing[:5]:
        size = f"{one.request.width} x {one.request.height}"
        print_line(f"    {one.request.seed}, {size}: {one.request.prompt}")
    if (more := count - 5) > 0:
        print_line(joined("", ("    ", say("and {count} more", count=more))))
    return OK
