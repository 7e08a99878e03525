"""``train-tools doctor``."""

import argparse
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lib_train.cli.console import BAD_INPUT, OK, print_line
from lib_train.cli.language import here
from lib_train.cli.options import (
    Commands,
    add_project,
    add_run,
    add_settings,
    changes_in,
    config_from,
    new_command,
    save_config,
    service_for,
)
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.errors import ConfigError, Problem
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.app.doctor import Treated
    from lib_train.app.examinations import Limits
    from lib_train.app.picture_sets import PictureSet
    from lib_train.host.protocol import Host

_EXAMPLES = 3


def add_to(commands: Commands) -> None:
    doctor = new_command(
        commands, "doctor", run, say("say what is wrong with the pictures and captions, and mend it"),
        "train-tools doctor --train_data_dir pictures --resolution 512,768 --fix tag_twice --dry-run",
    )  # fmt: skip
    doctor.add_argument(
        "--take_out", "--take-out", action="append", default=[], metavar="CODE",
        help=here(say("take the pictures of this finding, with their captions, out of the training; may be repeated")),
    )  # fmt: skip
    doctor.add_argument(
        "--fix", action="append", default=[], metavar="CODE",
        help=here(say("mend the captions of this finding; may be repeated")),
    )  # fmt: skip
    doctor.add_argument(
        "--put_back", "--put-back", metavar="FILTER",
        help=here(say('put pictures back that were taken out; which ones says a filter, "" is all')),
    )  # fmt: skip
    doctor.add_argument(
        "--dry_run", "--dry-run", action="store_true", help=here(say("say what would be done, and write nothing"))
    )
    add_project(doctor)
    add_run(doctor)
    add_settings(doctor, SECTIONS)


def run(options: argparse.Namespace) -> int:
    config = config_from(options, own=not _names_folder(options))
    if options.save_config:
        return save_config(options.save_config, config)
    with TemporaryDirectory(prefix="train-tools-") as cache:
        return _examined(options, config, Path(cache))


def _names_folder(options: argparse.Namespace) -> bool:
    """Whether the pictures are those of a folder, not of a version."""
    return "train_data_dir" in changes_in(options)


def _examined(options: argparse.Namespace, config: RunConfig, cache: Path) -> int:
    from lib_train.app.doctor import TAKE_OUT, put_back, treat
    from lib_train.pictures.doctor.remedies import MENDING

    pictures, treated = _known(options, config, cache), []
    wanted = [(code, (TAKE_OUT,)) for code in options.take_out] + [(code, MENDING) for code in options.fix]
    for code, among in wanted:
        treated.append(treat(pictures, code, among=among, dry_run=options.dry_run))
    if options.put_back is not None:
        treated.append(put_back(pictures, pictures.chosen(options.put_back), dry_run=options.dry_run))
    for one in treated:
        print_treated(one, options.dry_run)
    if treated:
        return BAD_INPUT if any(one.left for one in treated) else OK
    return _listed(pictures, config)


def _known(options: argparse.Namespace, config: RunConfig, cache: Path) -> "PictureSet":
    """The pictures with everything measured.

    Args:
        cache: where what is measured is kept while the command lasts, so that a question leaves nothing behind.
    """
    from lib_train.app.folders import with_own_folders
    from lib_train.app.picture_sets import PictureSet, set_of_folder
    from lib_train.cli.bars import Console
    from lib_train.pictures.catalog import Catalog
    from lib_train.pictures.places import Places
    from lib_train.pictures.scan import require_usable
    from lib_train.store.projects import version_named

    version = version_named(options.output, options.project, options.version)
    named, config = config.dataset.train_data_dir, with_own_folders(config, version)
    if not config.dataset.train_data_dir:
        remedy = say("name a folder that holds <repeats>_<name> folders of pictures")
        raise ConfigError([Problem("train_data_dir", (), remedy)])
    service = service_for(options, writes=False)
    if config.base_model or not _names_folder(options):  # of a folder nothing says another size than the settings do
        config = service.plans.fitted(config)
    places = Places.of_version(version.folder)
    pictures = set_of_folder(Path(named[0]), config) if named else PictureSet(config.dataset, Catalog(places))
    if not pictures.places.cache.is_dir():
        pictures = replace(pictures, catalog=Catalog(replace(pictures.places, cache=cache)))
    bars = Console()
    try:
        pictures.catalog.measure(pictures.dataset, lambda done, total: bars.working("pictures", done, total))
    finally:
        bars.ended()
    require_usable(pictures.catalog.scan(pictures.dataset), replace(pictures.dataset, on_bad_file="skip"))
    return replace(pictures, limits=_limits(config, pictures, service.host))


def _limits(config: RunConfig, pictures: "PictureSet", host: "Host") -> "Limits":
    """Counts the tokens of those captions that may have too many: a token is at least a byte."""
    from lib_train.app.examinations import limits_of

    limits = limits_of(config, host.count_tokens)
    room = config.training.max_token_length - limits.around
    long = sorted({line for entry in pictures.entries() if len((line := entry.line).encode(errors="replace")) > room})
    if long:
        pictures.catalog.count(dict(zip(long, host.count_tokens(long), strict=True)))
    return limits


def _listed(pictures: "PictureSet", config: RunConfig) -> int:
    from lib_train.app.doctor import TAKE_OUT
    from lib_train.pictures.doctor.case import ERROR, NOTE, WARNING
    from lib_train.pictures.doctor.remedies import MENDING

    findings, entries = pictures.findings(), pictures.entries()
    names = {entry.id: entry.path.name for entry in entries}
    words = {ERROR: say("error"), WARNING: say("warning"), NOTE: say("note")}
    if not findings:
        present = sum(not entry.left_out for entry in entries)
        print_line(say("nothing is wrong with the pictures: {count}", count=present))
    for finding in findings:
        ways = ["--fix" for one in finding.remedies if one in MENDING] + ["--take-out"] * (TAKE_OUT in finding.remedies)
        print_line(say("{severity}: {text}", severity=words[finding.severity], text=finding.text))
        for number in finding.ids[:_EXAMPLES] if finding.details else ():
            print_line(joined("", ("    ", names[number], ": ", finding.details[number])))
        for way in ways:
            print_line(f"    {way} {finding.code}")
    refused = any(finding.severity == ERROR for finding in findings) and config.dataset.on_bad_file == "refuse"
    return BAD_INPUT if refused else OK


def print_treated(treated: "Treated", dry_run: bool) -> None:
    """Say what was done, or would be."""
    if not treated.label:
        print_line(say("there is nothing to do"))
    elif dry_run:
        print_line(say("would be done: {label}", label=treated.label))
    else:
        print_line(treated.label)
    some, more = treated.files[:_EXAMPLES], len(treated.files) - _EXAMPLES
    for name in some:
        print_line(f"    {name}")
    if more > 0:
        print_line(joined("", ("    ", say("and {count} more", count=more))))
    for line in treated.left:
        print_line(say("left as it is: {line}", line=line))
