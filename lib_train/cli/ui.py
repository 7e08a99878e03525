"""``train-tools ui``."""

import argparse

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, add_device, add_output, add_prediction_type, changes_in, new_command
from lib_train.cli.threads import add_threads, use_threads
from lib_train.commands import make_command
from lib_train.config.codec import from_json
from lib_train.errors import MissingPackage
from lib_train.models.quiet import quiet
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    ui = new_command(
        commands, "ui", run, say("open the tab in a browser, without a WebUI"), "train-tools ui --port 7861"
    )  # fmt: skip
    add_output(ui)
    add_device(ui)
    add_prediction_type(ui)
    add_threads(ui)
    ui.add_argument(
        "--port", type=_port, default=7861, help=here(say("where it answers on this machine (default 7861)"))
    )
    ui.add_argument(
        "--host", action="append", default=[], metavar="NAME",
        help=here(say(
            "a name under which it is opened too, through a tunnel or proxy to this machine; may be given again. It "
            "answers requests for this machine's own names alone (localhost, 127.0.0.1), so that no page of the web "
            "can reach it"
        )),
    )  # fmt: skip
    ui.add_argument(
        "--models", type=a_path, action="append", default=[], help=here(say("folder of checkpoints to choose from"))
    )
    ui.add_argument(
        "--loras",
        type=a_path,
        help=here(say('where "Install to Lora" puts files (default: loras beside the output folder)')),
    )
    ui.add_argument(
        "--caption_extension", "--caption-extension", metavar="LIST", default="",
        help=here(say(
            "endings of caption files that the tab may write, beside .txt and .caption, such as .tags,.wd14"
        )),
    )  # fmt: skip


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(
            here(say("{text!r}: give a number from {low} to {high}", text=text[:40], low=1, high=65535))
        )
    return int(text)


def run(options: argparse.Namespace) -> int:
    from lib_train.app.session import Session
    from lib_train.host.standalone.host import StandaloneHost

    quiet()
    use_threads(options.threads, watch=False)  # it stays for hours: what computes now says nothing
    try:
        from lib_train.ui.serve import start
    except ImportError as error:
        needed = "fastapi==0.94.0 uvicorn python-multipart"
        raise MissingPackage(needed, say("the tab without a WebUI"), make_command("ui")) from error
    host = StandaloneHost(
        options.models,
        options.device,
        prediction_type=changes_in(options).get("prediction_type"),
        loras=options.loras or options.output.parent / "loras",
    )
    session = Session(host, options.output, _endings(options.caption_extension))
    session.queue.watch()
    served = start(session, options.port, options.host)
    print_line(served.address)
    served.wait()
    return OK


def _endings(given: str) -> tuple[str, ...]:
    """The endings of a list.

    Raises:
        ConfigError: one of them is none, or a program's.
    """
    return from_json({}, {"caption_extension": given})[0].dataset.caption_extension if given.strip() else ()
