"""``train-tools ui``."""

import argparse
from pathlib import Path

from lib_train.cli.console import OK, say
from lib_train.cli.options import Commands, add_device, add_output, add_prediction_type, changes_in, new_command
from lib_train.errors import MissingPackage


def add_to(commands: Commands) -> None:
    ui = new_command(
        commands, "ui", run, "open the tab in a browser, without a WebUI", "train-tools ui --port 7861"
    )  # fmt: skip
    add_output(ui)
    add_device(ui)
    add_prediction_type(ui)
    ui.add_argument("--port", type=int, default=7861, help="where it answers on this machine (default 7861)")
    ui.add_argument("--models", type=Path, action="append", default=[], help="folder of checkpoints to choose from")
    ui.add_argument(
        "--loras", type=Path, help='where "Install to Lora" puts files (default: loras beside the output folder)'
    )


def run(options: argparse.Namespace) -> int:
    from lib_train.app.session import Session
    from lib_train.host.standalone import StandaloneHost

    try:
        from lib_train.ui.serve import serve
    except ImportError as error:
        raise MissingPackage("gradio==3.41.2", "the tab without a WebUI") from error
    host = StandaloneHost(
        options.models,
        options.device,
        prediction_type=changes_in(options).get("prediction_type"),
        loras=options.loras or options.output.parent / "loras",
    )
    say(f"http://127.0.0.1:{options.port}")
    serve(Session(host, options.output), options.port)
    return OK
