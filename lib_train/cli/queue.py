"""``train-tools queue``: jobs that are carried out one after the other, by this command or by an open WebUI."""

import argparse
import time
from threading import Event
from typing import TYPE_CHECKING, Any

from lib_train.cli.console import BAD_INPUT, OK, STATE_ALONE, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import (
    Commands,
    add_device,
    add_output,
    add_project,
    add_run,
    add_settings,
    changes_in,
    config_from,
    new_command,
    new_group,
)
from lib_train.cli.threads import add_threads, use_threads
from lib_train.commands import quoted
from lib_train.config.codec import to_json
from lib_train.config.queue import QueueConfig
from lib_train.config.run import SECTIONS
from lib_train.errors import ConfigError, Problem
from lib_train.store.layout import ROOT
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.app.session import Session
    from lib_train.jobs.line import Line

_KINDS = {
    "train": say("training"), "resume": say("resumed training"), "preview": say("previews"), "tag": say("tagging"),
    "regularise": say("regularisation pictures"), "fetch": say("fetching a tagger"), "tool": say("tool on LoRA files"),
    "judge": say("figures of checkpoints"), "report": say("report of a sweep"), "sheet": say("sheet by axes"),
}  # fmt: skip
_PHASES = {"finished": say("finished"), "stopped": say("stopped"), "failed": say("failed")}
_LOOK_SECONDS = 0.2


def add_to(commands: Commands) -> None:
    kinds = new_group(commands, "queue", say("list, add and carry out jobs that wait for their turn"))
    example = "train-tools queue list"
    add_output(new_command(kinds, "list", run_list, say("list the jobs with their numbers"), example))
    _add_adding(kinds)
    run = new_command(kinds, "run", run_all, say("carry out the jobs that wait, one after the other"),
                      "train-tools queue run")  # fmt: skip
    for add in (add_output, add_device, add_threads):
        add(run)
    example = "train-tools queue remove 3"
    remove = new_command(kinds, "remove", run_remove, say("remove jobs that wait, or that ended"), example)
    remove.add_argument("numbers", type=int, nargs="+", metavar="NUMBER", help=here(_NUMBER))
    add_output(remove)
    about = say("give a waiting job another place")
    move = _with_number(kinds, "move", run_move, about, "train-tools queue move 3 --before 1")
    move.add_argument("--before", type=int, metavar="NUMBER", help=here(say("job before which it goes; none: the end")))
    about = say("let a job that failed or was stopped wait once more")
    _with_number(kinds, "retry", run_retry, about, "train-tools queue retry 3")
    about = say("say when waiting jobs begin")
    change = new_command(kinds, "set", run_set, about, "train-tools queue set --start_at 01:00 --go_on_by_itself")
    add_output(change)
    add_settings(change, {"queue": QueueConfig})


_NUMBER = say("number of a job, as the list shows it")


def _with_number(kinds: Commands, name: str, run: Any, about: str, example: str) -> argparse.ArgumentParser:
    made = new_command(kinds, name, run, about, example)
    made.add_argument("number", type=int, metavar="NUMBER", help=here(_NUMBER))
    add_output(made)
    return made


def _add_adding(kinds: Commands) -> None:
    about = say("add a job with the version's settings of now, and those that are given")
    add = new_command(kinds, "add", run_add, about,
                      "train-tools queue add --project mochi --network_dim 8 --name dim-8")  # fmt: skip
    add.add_argument("kind", nargs="?", choices=[*_KINDS][:-2], default="train",
                     help=here(say("what is to be done (default: train)")))  # fmt: skip
    add_project(add)
    add.add_argument("--name", default="", help=here(say("what to call the job")))
    add.add_argument("--note", default="", help=here(say("what to say of the job")))
    add.add_argument("--run", default="", help=here(say("resume and judge: the run; empty: the newest")))
    add.add_argument(
        "--files", nargs="+", default=[], help=here(say("preview and tool: LoRA files; none: all of the version"))
    )
    add.add_argument("--tool", default="", help=here(say("tool: resize, merge, extract, blocks or convert")))
    add.add_argument("--to", default="", metavar="NAME", help=here(say("tool: name of the new file")))
    add.add_argument(
        "--set", nargs="+", default=[], metavar="NAME=VALUE",
        help=here(say("settings of tag, regularise, fetch and tool, such as tagger=colours")),
    )  # fmt: skip
    add_run(add)
    add_settings(add, SECTIONS)


def run_list(options: argparse.Namespace) -> int:
    found = _line(options).snapshot()
    for one in found["ended"]:
        print_line(joined(": ", (_named(one), _PHASES[one["phase"]], *([one["text"]] if one["text"] else []))))
    if found["running"]:
        print_line(joined(": ", (_named(found["running"]), say("goes on in {process}", process=found["elsewhere"]))))
    for one in found["waiting"]:
        print_line(_named(one))
    if not (found["waiting"] or found["running"]):
        print_line(say("no job waits"))
    elif found["held"] and not found["asks"]:
        print_line(say("the queue waits: {why}", why=found["held"]))
    _warn(found)
    return OK


def _named(one: dict[str, Any]) -> str:
    """ "  3  mochi / v1, training, dim-8, 400 steps"."""
    facts = [_KINDS[one["kind"]], one["name"]]
    facts += [say("{count} steps", count=one["steps"])] if one["steps"] else []
    facts += [say("has begun before")] if one["again"] else []
    place = f"{one['project']} / {one['version']}" if one["project"] else ""
    return joined("", (f"{one['number']:3}  ", joined(", ", (fact for fact in (place, *facts, one["note"]) if fact))))


def run_add(options: argparse.Namespace) -> int:
    session = session_for(options)
    session.queue.begins = False
    number = _added(session, options)
    print_line(say("added as number {number}", number=number))
    _warn(session.queue.snapshot())
    return OK


def _added(session: "Session", options: argparse.Namespace) -> int:
    """Add the job; returns its number."""
    place, put = (options.project, options.version), session.later(options.name, options.note)
    given = dict(_pair(text) for text in options.set)
    if options.kind == "train":
        return session.add(*place, to_flat(config_from(options)), name=options.name, note=options.note)
    if options.kind == "resume":
        session.resume(*place, options.run, put=put)
    elif options.kind == "preview":
        kept = session.settings(*place)
        session.preview(*place, options.files, {**to_flat(kept), **changes_in(options)}, put)
    elif options.kind == "tag":
        session.tagging.start(*place, given, put=put)
    elif options.kind == "regularise":
        session.regularisation.start(*place, given, put)
    elif options.kind == "judge":
        session.judgements.start(*place, options.run, put)
    elif options.kind == "fetch":
        session.taggers.fetch(given.pop("tagger", ""), given, put)
    else:
        _add_tool(session, options, given, put)
    return int(session.queue.snapshot()["waiting"][-1]["number"])


def _add_tool(session: "Session", options: argparse.Namespace, given: dict[str, str], put: Any) -> None:
    from lib_train.app.tool_runs import Wish

    wish = Wish(files=options.files, settings=given, place="version", name=options.to)
    session.tools.add(options.project, options.version, options.tool, wish, put)


def to_flat(config: Any) -> dict[str, Any]:
    """Settings by name."""
    found = to_json(config)
    top = {name: found[name] for name in ("base_model", "vae", "prediction_type", "preset")}
    return {**top, **{name: value for section in SECTIONS for name, value in found[section].items()}}


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise ConfigError([Problem("set", text, say("must be NAME=VALUE"))])
    return name, value


def run_all(options: argparse.Namespace) -> int:
    from lib_train.cli.queue_status import TellingStatus

    use_threads(options.threads)
    return carried_out(session_for(options, TellingStatus(options.output)))


def carried_out(session: "Session") -> int:
    """Carry out the jobs that wait, until none is left or somebody stops them; returns the exit code."""
    from lib_train.jobs.running import stopping_on_signals

    stop = Event()
    queue, told = session.queue, ""
    begun_at = max((one["number"] for one in queue.snapshot()["ended"]), default=0)
    queue.go_on(at_once=False)
    with stopping_on_signals(stop):
        while True:
            queue.tick()
            if stop.is_set():
                queue.stop()
            found = queue.snapshot()
            if not queue.busy and (stop.is_set() or not found["waiting"] or queue.refused):
                break
            why = "" if queue.busy else found["held"]
            if why and why != told:
                print_line(say("the queue waits: {why}", why=why))
            told = why
            time.sleep(_LOOK_SECONDS)
    if queue.refused:
        print_line(say("the queue waits: {why}", why=queue.refused))
        return BAD_INPUT
    if stop.is_set():
        command = _way_on(session)
        if session.status.job().get("kind") in ("train", "resume"):
            print_line(STATE_ALONE)
        if command:
            print_line(say("stopped and saved; go on with: {command}", command=command))
        return STOPPED
    failed = [one for one in found["ended"] if one["phase"] == "failed" and one["number"] > begun_at]
    return BAD_INPUT if failed or session.status.job()["phase"] == "failed" else OK


def _way_on(session: "Session") -> str:
    """The command that goes on after a stop; empty where nothing is left to do.

    The job that was stopped waits as the first again, as after a kill, where the queue knows of it.
    """
    queue, job = session.queue, session.status.job()
    queue.begins = False
    where = "" if session.root == ROOT else f" --output {quoted(str(session.root))}"
    found = queue.snapshot()
    if found["ended"] and found["ended"][-1]["phase"] == "stopped":
        before = [one["number"] for one in found["waiting"]]
        queue.retry(found["ended"][-1]["number"])
        if before:
            queue.move(queue.snapshot()["waiting"][-1]["number"], before[0])
        return f"train-tools queue run{where}"
    if job.get("phase") == "stopped" and job.get("kind") in ("train", "resume"):
        place = f"--project {quoted(job['project'])} --version {quoted(job['version'])}"
        return f"train-tools train {place}{where} --resume"
    return f"train-tools queue run{where}" if found["waiting"] else ""


def run_remove(options: argparse.Namespace) -> int:
    line = _line(options)
    for number in options.numbers:
        line.remove(number)
    return OK


def run_move(options: argparse.Namespace) -> int:
    _line(options).move(options.number, options.before)
    return OK


def run_retry(options: argparse.Namespace) -> int:
    _line(options).retry(options.number)
    return OK


def run_set(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    line = _line(options)
    line.configure(lambda config: QueueConfig(**{**asdict(config), **changes_in(options)}))
    for name, value in line.snapshot()["settings"].items():
        print_line(f"{name} = {value}")
    return OK


def _line(options: argparse.Namespace) -> "Line":
    from lib_train.jobs.line import Line

    return Line(options.output)


def session_for(options: argparse.Namespace, status: Any = None) -> "Session":
    """The use cases of the tab, on a host of this process."""
    from lib_train.app.session import Session
    from lib_train.host.standalone.host import StandaloneHost

    host = StandaloneHost(device=options.device, loras=options.output.parent / "loras")
    return Session(host, options.output, status=status)


def _warn(found: dict[str, Any]) -> None:
    if found["trouble"]:
        print_line(say("note: {note}", note=found["trouble"]))
