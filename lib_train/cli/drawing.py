"""What the commands that draw checkpoints share: on which base model, with which settings."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from lib_train.cli.language import here
from lib_train.cli.options import a_path, add_device, add_prediction_type, add_project, add_settings, changes_in
from lib_train.cli.threads import add_threads
from lib_train.config.codec import from_json, to_json
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.texts import say

if TYPE_CHECKING:
    from lib_train.store.projects import Version


def add_files(command: argparse.ArgumentParser) -> None:
    """Which checkpoints."""
    command.add_argument(
        "files", nargs="*", type=a_path, help=here(say("LoRA files; none: all checkpoints of the version"))
    )


def add_place_and_model(command: argparse.ArgumentParser) -> None:
    """Of which version, and on which base model."""
    add_project(command)
    command.add_argument(
        "--base_model", "--base-model", default="", help=here(say("checkpoint file; empty: that of the version"))
    )
    command.add_argument("--vae", default="", help=here(say("separate VAE file")))


def add_drawing(command: argparse.ArgumentParser) -> None:
    """How it is computed and drawn."""
    add_prediction_type(command)
    add_device(command)
    add_threads(command)
    add_settings(command, {"preview": PreviewConfig})


def version_of(options: argparse.Namespace, named: Callable[[str, str], "Version"]) -> "Version":
    """The version whose checkpoints are drawn. Where files are given it need not be there: their pictures go below it.

    Args:
        named: gives the version of a project's and a version's name, where files are given.

    Raises:
        ProjectError: there is none; or the names may not be used.
    """
    from lib_train.app.versions import Versions

    there = named if options.files else Versions(options.output).existing
    return there(options.project, options.version)


def drawing_config(options: argparse.Namespace, version: "Version") -> tuple[RunConfig, list[str]]:
    """Settings of the version with those that were given, and notes on the former.

    Raises:
        ConfigError: one of them cannot be used.
    """
    kept, notes = version.settings()
    models = {"base_model": options.base_model or kept.base_model, "vae": options.vae or kept.vae}
    if models["base_model"] != kept.base_model:
        models["prediction_type"] = ""  # what the version says is of its own base model
    config, _ = from_json(to_json(kept), models | changes_in(options))
    return config, list(notes)
