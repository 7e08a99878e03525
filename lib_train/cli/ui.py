"""``train-tools ui``."""

import argparse

from lib_train.cli.console import OK, say
from lib_train.cli.options import Commands, a_path, add_device, add_output, add_prediction_type, changes_in, new_command
from lib_train.cli.threads import add_threads, use_threads
from lib_train.errors import MissingPackage, TrainToolsError
from lib_train.models.quiet import quiet


def add_to(commands: Commands) -> None:
    ui = new_command(
        commands, "ui", run, "open the tab in a browser, without a WebUI", "train-tools ui --port 7861"
    )  # fmt: skip
    add_output(ui)
    add_device(ui)
    add_prediction_type(ui)
    add_threads(ui)
    ui.add_argument("--port", type=_port, default=7861, help="where it answers on this machine (default 7861)")
    ui.add_argument("--models", type=a_path, action="append", default=[], help="folder of checkpoints to choose from")
    ui.add_argument(
        "--loras", type=a_path, help='where "Install to Lora" puts files (default: loras beside the output folder)'
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text[:40]!r}: give a number from 1 to 65535")
    return int(text)


def run(options: argparse.Namespace) -> int:
    from lib_train.app.session import Session
    from lib_train.host.standalone import StandaloneHost

    quiet()
    use_threads(options.threads, watch=False)  # it stays for hours: what computes now says nothing
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
    try:
        serve(Session(host, options.output), options.port)
    except OSError as error:
        raise TrainToolsError(f"port = {options.port}: cannot be opened ({error}); choose another --port") from error
    return OK
