"""``train-tools ask``: wishes to a training that another process carries out."""

import argparse

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, add_project, new_command
from lib_train.errors import NotTraining
from lib_train.store.asked import WISHES, ask
from lib_train.store.projects import open_project
from lib_train.store.runs import runs_of
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    about = say("ask a training that goes on in another window or in the WebUI to save, sample, pause or stop")
    made = new_command(commands, "ask", run, about, "train-tools ask stop-after-epoch --project mochi")
    made.add_argument("wish", choices=WISHES, help=here(say("what it should do after its present step")))
    add_project(made)


def run(options: argparse.Namespace) -> int:
    version = open_project(options.output, options.project).version(options.version)
    found = next((one for one in runs_of(version) if one.holder()), None)
    if found is None:
        raise NotTraining(
            say("{project} {version}: no training goes on there; start or resume one, or name another project",
                project=options.project, version=options.version)
        )  # fmt: skip
    ask(found, options.wish)
    print_line(say("{run}: asked to {wish}; it does so after its present step", run=found.name, wish=options.wish))
    return OK
