"""``train-tools tag``."""

import argparse
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from lib_train.cli.console import BAD_INPUT, OK, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, add_device, add_project, add_settings, changes_in, new_command
from lib_train.cli.threads import add_threads, use_threads
from lib_train.config.dataset import DatasetConfig
from lib_train.config.tagging import TaggingConfig
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.app.picture_sets import PictureSet
    from lib_train.app.tagging import Proposal
    from lib_train.host.protocol import Host

_EXAMPLES = 5
_FILTER = "blue_eyes -hat"
_PLACES = ("train_data_dir", "reg_data_dir", "caption_extension", "caption_separator", "keep_tokens_separator")
"""Settings of pictures that decide which captions are written, and how."""


def add_to(commands: Commands) -> None:
    tag = new_command(
        commands, "tag", run, say("write what is to be seen in pictures into their captions, by a tagger"),
        "train-tools tag --tagger wd --model wd-vit-tagger-v3/model.safetensors --train_data_dir pictures --dry-run",
    )  # fmt: skip
    tag.add_argument(
        "--filter",
        default="",
        help=here(say("which pictures, such as {example}; empty: all", example=_FILTER)),
    )
    tag.add_argument(
        "--dry_run", "--dry-run", action="store_true",
        help=here(say("show counts and examples; write nothing into the captions")),
    )  # fmt: skip
    tag.add_argument(
        "--fetch", metavar="NAME",
        help=here(say("fetch a published tagger into --tagger_folder first, and take it: {known}", known=_published())),
    )  # fmt: skip
    add_project(tag)
    add_device(tag)
    add_threads(tag)
    add_settings(tag, {"tagging": TaggingConfig})
    add_settings(tag, {"dataset": DatasetConfig}, _PLACES)


def _published() -> str:
    from lib_train.tagging.published import PUBLISHED

    return ", ".join(one.name for one in PUBLISHED)


def run(options: argparse.Namespace) -> int:
    from lib_train.app.tagging import prepared, tagging_config
    from lib_train.cli.bars import Console
    from lib_train.host.standalone.host import StandaloneHost

    use_threads(options.threads)
    given = changes_in(options)
    dataset = {name: given.pop(name) for name in _PLACES if name in given}
    host, bars = StandaloneHost(device=options.device), Console()
    config = tagging_config(given)
    pictures = _pictures(options, dataset)
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


def _pictures(options: argparse.Namespace, dataset: dict[str, str]) -> "PictureSet":
    """Those of a folder that was named, or of a version's own settings."""
    from lib_train.app.folders import with_own_folders
    from lib_train.app.picture_sets import PictureSet, set_of_folder
    from lib_train.app.versions import Versions
    from lib_train.config.codec import config_of
    from lib_train.pictures.catalog import Catalog
    from lib_train.pictures.places import Places

    config = config_of(dataset)
    if config.dataset.train_data_dir:
        return set_of_folder(Path(config.dataset.train_data_dir[0]), config)
    version = Versions(options.output).existing(options.project, options.version)
    kept = with_own_folders(version.kept().config, version)
    return PictureSet(kept.dataset, Catalog(Places.of_version(version.folder)))


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
    print_line(say("would be done: {label}", label=joined(": ", (proposal.tagger, planned.label))))
    for one in planned.new[:_EXAMPLES]:
        print_line(f"    {one.entry.path.name}: {one.after}")
    if (more := len(planned.new) - _EXAMPLES) > 0:
        print_line(joined("", ("    ", say("and {count} more", count=more))))
    return _told(proposal, [say("{name}: its caption is no text, and stays", name=name) for name in planned.unreadable])


def _written(proposal: "Proposal", pictures: "PictureSet") -> int:
    planned = proposal.on(pictures)
    edit, left = proposal.write(pictures)
    print_line(edit.label)
    unreadable = [say("{name}: its caption is no text, and stays", name=name) for name in planned.unreadable]
    return _told(proposal, [*unreadable, *left, *edit.left])


def _told(proposal: "Proposal", left: list[str]) -> int:
    """Names what was left; returns the exit code."""
    lines = [*proposal.said.refused, *left]
    for line in lines:
        print_line(say("left as it is: {line}", line=line))
    return BAD_INPUT if lines else OK
