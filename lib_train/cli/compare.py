"""``train-tools compare``: two versions side by side."""

import argparse
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here, language_of
from lib_train.cli.options import Commands, a_path, add_project, new_command, write_new
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.app.picture_sets import PictureSet
    from lib_train.config.run import RunConfig
    from lib_train.store.projects import Version

_ROWS, _PARTS = 20, 12


def add_to(commands: Commands) -> None:
    example = "train-tools compare --project mochi --version v1 --with v2 --html mochi.html"
    about = say("show two versions side by side: settings, pictures, captions, runs, notes")
    made = new_command(commands, "compare", run, about, example)
    add_project(made)
    made.add_argument("--with", dest="other", required=True, metavar="VERSION", help=here(say("the other version")))
    made.add_argument("--with_project", "--with-project", default="", metavar="PROJECT",
                      help=here(say("its project (default: the same)")))  # fmt: skip
    made.add_argument("--html", type=a_path, metavar="FILE",
                      help=here(say("write a page with pictures and curves to this new file")))  # fmt: skip


def run(options: argparse.Namespace) -> int:
    from lib_train.app.compare import Comparing
    from lib_train.app.picture_sets import set_of_version
    from lib_train.app.versions import Versions

    known: dict[tuple[str, str], PictureSet] = {}

    def pictures_of(version: "Version", config: "RunConfig") -> "PictureSet":
        return known.setdefault((version.project.name, version.name), set_of_version(version, config))

    places = (options.project, options.version), (options.with_project or options.project, options.other)
    comparing = Comparing(Versions(options.output), pictures_of)
    found = comparing.compared(*places)
    _print(found)
    if options.html is not None:
        language = language_of(os.environ).replace("_", "-") or "en"
        write_new(options.html, comparing.page(found, here, language))
        print_line(say("written: {path}", path=options.html))
    return OK


def _print(found: Mapping[str, Any]) -> None:
    from lib_train.app.compare_page import run_text, value_text

    names = [f"{side['project']} {side['version']}" for side in found["sides"]]
    for name, side in zip(names, found["sides"], strict=True):
        print_line(name)
        told = [side["problem"]] if side["problem"] else []
        told += [joined(": ", (say("Conclusion"), side["conclusion"]))] if side["conclusion"] else []
        told += [say("pictures: {count}", count=side["pictures"]) if side["pictures"] else say("no pictures")]
        told += [run_text(one) for one in side["runs"]] or [say("no run yet")]
        for line in told:
            print_line(joined("", ("    ", line)))
    print_line(say("settings that differ: {count}", count=len(found["settings"])))
    for one in found["settings"]:
        first, second = map(value_text, one["values"])
        print_line(joined("", ("    ", one["name"], ": ", first, " / ", second)))
    pictures, captions = found["pictures"], found["captions"]
    print_line(
        say("pictures: {same} in both, {changed} changed, {first} only in {one}, {second} only in {other}",
            same=pictures["same"], changed=pictures["changed"], first=pictures["only"][0], one=names[0],
            second=pictures["only"][1], other=names[1])
    )  # fmt: skip
    print_line(say("captions that differ: {count}", count=captions["changed"]))
    signs = {"same": "", "gone": "-", "new": "+"}
    for row in captions["rows"][:_ROWS]:
        parts = [signs[part["kind"]] + part["text"] for part in row["parts"] if part["kind"] != "same"]
        told = parts[:_PARTS] + ["..."] * (len(parts) > _PARTS)
        print_line(f"    {row['folder']}/{row['name']}: {', '.join(told)}")
    for one in found["tags"][:_ROWS]:
        print_line(f"    {one['tag']}: {one['counts'][0]} / {one['counts'][1]}")
