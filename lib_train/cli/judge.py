"""``train-tools judge``: figures of a run's checkpoints, and which of them they speak for."""

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lib_train.cli.console import OK, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, add_device, add_project, new_command
from lib_train.cli.threads import add_threads, use_threads
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.store.projects import Version


def add_to(commands: Commands) -> None:
    about = say("measure a run's checkpoints, and say which of them to take and why")
    made = new_command(commands, "judge", run, about, "train-tools judge --project mochi --version v1")
    add_project(made)
    made.add_argument("--run", dest="run_name", default="", metavar="RUN",
                      help=here(say("whose checkpoints (default: the newest that has some)")))  # fmt: skip
    made.add_argument("--json", action="store_true", help=here(say("print what is known as JSON")))
    add_device(made)
    add_threads(made)


def run(options: argparse.Namespace) -> int:
    from threading import Event

    from lib_train.app.judged import answer, prepared
    from lib_train.app.versions import Versions
    from lib_train.cli.bars import Console
    from lib_train.host.standalone.host import StandaloneHost
    from lib_train.jobs.running import stopping_on_signals
    from lib_train.pictures.scan import scan

    use_threads(options.threads)
    host, bars, stop = StandaloneHost(device=options.device), Console(), Event()
    version = Versions(options.output).existing(options.project, options.version)
    found = prepared(host, version, options.run_name, scan)
    try:
        with stopping_on_signals(stop):
            found.carry_out(host, bars, stop)
    finally:
        bars.ended()
    told = answer(version)
    if options.json:
        print_line(json.dumps(told, ensure_ascii=False))
    else:
        _print(told, version)
    if stop.is_set():
        print_line(say("stopped; start it again to go on"))
        return STOPPED
    return OK


def _print(told: Mapping[str, Any], version: "Version") -> None:
    shown = told["shown"]
    width = max((len(one["name"]) for one in told["checkpoints"]), default=0)
    for one in told["checkpoints"]:
        cells = [_cell(one["figures"].get(figure["name"]), figure) for figure in shown]
        print_line(joined("", (one["name"].ljust(width), "  ", joined(", ", cells))))
    if told["suggestion"]:
        print_line(told["suggestion"]["reason"])
        if name := told["suggestion"]["checkpoint"]:
            path = version.inside("checkpoints", f"{name}.safetensors")
            print_line(say("to take it, copy {path} into the WebUI's models/Lora, or press Install to Lora in the tab",
                           path=path))  # fmt: skip


def _cell(value: float | None, figure: Mapping[str, Any]) -> str:
    text = "-" if value is None else f"{value:.0%}" if figure["percent"] else f"{value:.2f}"
    return joined(" ", (figure["title"], text))
