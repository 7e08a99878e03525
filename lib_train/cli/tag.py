"""``train-tools tag``."""

import argparse
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from lib_train.cli.console import BAD_INPUT, OK, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, add_device, add_settings, changes_in, new_command
from lib_train.cli.pictures import add_filter, add_pictures, pictures_of
from lib_train.cli.threads import add_threads, use_threads
from lib_train.config.fields import options_of
from lib_train.config.tagging import TaggingConfig
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.app.picture_sets import PictureSet
    from lib_train.app.proposals import Proposal
    from lib_train.host.protocol import Host

_EXAMPLES = 5


def add_to(commands: Commands) -> None:
    tag = new_command(
        commands, "tag", run, say("write what is to be seen in pictures into their captions, by a tagger"),
        "train-tools tag --tagger wd --model wd-vit-tagger-v3/model.safetensors --train_data_dir pictures --dry-run",
    )  # fmt: skip
    add_pictures(tag)
    add_filter(tag)
    tag.add_argument(
        "--dry_run", "--dry-run", action="store_true",
        help=here(say("show counts and examples; write nothing into the captions")),
    )  # fmt: skip
    tag.add_argument(
        "--fetch", metavar="NAME",
        help=here(say("fetch a published tagger into --tagger_folder first, and take it: {known}", known=_published())),
    )  # fmt: skip
    add_device(tag)
    add_threads(tag)
    add_settings(tag, {"tagging": TaggingConfig})


def _published() -> str:
    from lib_train.tagging.published import PUBLISHED

    return ", ".join(one.name for one in PUBLISHED)


def run(options: argparse.Namespace) -> int:
    from lib_train.app.tagging import prepared, tagging_config
    from lib_train.cli.bars import Console
    from lib_train.host.standalone.host import StandaloneHost

    use_threads(options.threads)
    given, rest = _parted(options)
    host, bars = StandaloneHost(device=options.device), Console()
    config, pictures = tagging_config(given), pictures_of(rest, writes=not options.dry_run)
    if options.fetch is not None:
        given["model"] = str(_fetched(options.fetch, config, host))
        config = tagging_config(given)
    propose = prepared(host, pictures, config, options.filter)
    stop = Event()
    try:
        proposal = propose(bars, stop)
    except KeyboardInterrupt:
        print_line(say("interrupted: nothing was written"))
        return STOPPED
    finally:
        bars.ended()
    return _dry(proposal, pictures) if options.dry_run else _written(proposal, pictures)


def _parted(options: argparse.Namespace) -> tuple[dict[str, Any], argparse.Namespace]:
    """What the tagger is told, by name; and the options without it."""
    names = {declared.name for declared in options_of(TaggingConfig)}
    given = {name: value for name, value in changes_in(options).items() if name in names}
    flags = {f"setting_{name}" for name in given}
    return given, argparse.Namespace(**{name: value for name, value in vars(options).items() if name not in flags})


def _fetched(name: str, config: TaggingConfig, host: "Host") -> Path:
    from lib_train.app.taggers import fetched, folder_for
    from lib_train.cli.bars import Console
    from lib_train.jobs.taggers import published

    wanted, folder, bars = published(name), folder_for(config, host), Console()
    try:
        return fetched(wanted, folder, bars, Event())
    finally:
        bars.ended()


def _dry(proposal: "Proposal", pictures: "PictureSet") -> int:
    planned = proposal.on(pictures)
    print_line(
        say("would be done: {label}", label=say("{label}, by {tagger}", label=planned.label, tagger=proposal.tagger))
    )
    for one in planned.new[:_EXAMPLES]:
        print_line(f"    {one.entry.path.name}: {one.after}")
    if (more := len(planned.new) - _EXAMPLES) > 0:
        print_line(joined("", ("    ", say("and {count} more", count=more))))
    return _told(
        proposal,
        [say("{name}: its caption cannot be read and stays as it is", name=name) for name in planned.unreadable],
    )


def _written(proposal: "Proposal", pictures: "PictureSet") -> int:
    planned = proposal.on(pictures)
    edit, left = proposal.write(pictures)
    print_line(edit.label)
    unreadable = [
        say("{name}: its caption cannot be read and stays as it is", name=name) for name in planned.unreadable
    ]
    return _told(proposal, [*unreadable, *left, *edit.left])


def _told(proposal: "Proposal", left: list[str]) -> int:
    """Names what was left; returns the exit code."""
    lines = [*proposal.said.refused, *left]
    for line in lines:
        print_line(say("left as it is: {line}", line=line))
    return BAD_INPUT if lines else OK
