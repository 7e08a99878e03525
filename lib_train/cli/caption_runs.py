"""What ``train-tools captions`` does and prints."""

import argparse
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lib_train.cli.console import BAD_INPUT, OK, print_line
from lib_train.cli.pictures import pictures_of
from lib_train.texts import joined, say

if TYPE_CHECKING:
    from lib_train.app.edits import Editing

_MOST_TAGS = 100


def _editing(options: argparse.Namespace, writes: bool = True) -> "Editing":
    from lib_train.app.edits import Editing

    return Editing(pictures_of(options, writes))


def run_edit(options: argparse.Namespace) -> int:
    """Edit captions, or say what that would change."""
    names = ("do", "tags", "last", "find", "to", "regex", "text", "ignore_case", "by", "of")
    step = {name: getattr(options, name) for name in names if hasattr(options, name)}
    editing = _editing(options, not options.dry_run)
    seen = editing.preview([step], options.filter, None, options.all_lines)
    for name in seen["unreadable"]:
        print_line(say("note: {note}", note=say("{name}: its caption cannot be read and stays as it is", name=name)))
    if options.dry_run:
        return _print_preview(seen)
    return _print_edit(editing.edit([step], options.filter, None, options.all_lines))


def _print_preview(seen: Mapping[str, Any]) -> int:
    print_line(say("would change {captions} of {pictures} captions", captions=seen["captions"],
                   pictures=seen["pictures"]))  # fmt: skip
    for example in seen.get("examples", [seen["example"]] if seen.get("example") else []):
        print_line(f"{example['name']}\n  - {example['before']}\n  + {example['after']}")
    return OK


def _print_edit(edit: Mapping[str, Any]) -> int:
    print_line(edit["label"])
    return _print_left(edit["left"])


def _print_left(left: Sequence[str]) -> int:
    for one in left:
        print_line(say("left as it is: {what}", what=one))
    return BAD_INPUT if left else OK


def run_tags(options: argparse.Namespace) -> int:
    """Count tags."""
    found = _editing(options, writes=False).tags(options.filter, options.beside)
    for one in found["tags"][: None if options.all else _MOST_TAGS]:
        print_line(f"{one['pictures']:6} {one['tag']}")
    print_line(say("{total} tags in {pictures} captions; {once} of them in one alone", total=found["total"],
                   pictures=found["pictures"], once=found["once"]))  # fmt: skip
    return OK


def run_bind(options: argparse.Namespace) -> int:
    """Propose, choose, or do what was chosen to what came later."""
    from lib_train.app.bindings import Bindings

    writes = options.again or bool(options.character)
    bindings = Bindings(pictures_of(options, writes and not options.dry_run))
    if options.again:
        return _bound(bindings.again(options.dry_run), options.dry_run)
    if options.character:
        words = options.trigger, options.character, options.free, options.filter, None, options.dry_run
        return _bound(bindings.bind(*words), options.dry_run)
    found = bindings.proposed(options.filter, None, options.trigger)
    for one in found["tags"]:
        kind = say("belongs to the character") if one["belongs"] else say("stays free")
        print_line(say("{share:4.0%} {tag}: {kind}", share=one["share"], tag=one["tag"], kind=kind))
    print_line(say("captions that wait for the remembered choices: {count}", count=found["waiting"]))
    return OK


def _bound(answer: Mapping[str, Any], dry_run: bool) -> int:
    return _print_preview(answer) if dry_run else _print_edit(answer)


def run_undo(options: argparse.Namespace) -> int:
    """Take an edit back."""
    found = _editing(options).undo(options.number)
    print_line(say("undone: {what}", what=found["edit"]["label"]))
    return _print_undone(found)


def run_redo(options: argparse.Namespace) -> int:
    """Do one again."""
    found = _editing(options).redo()
    print_line(say("done again: {what}", what=found["edit"]["label"]))
    return _print_undone(found)


def _print_undone(found: Mapping[str, Any]) -> int:
    print_line(say("files that came back: {count}", count=found["files"]))
    return _print_left(found["left"])


def run_list(options: argparse.Namespace) -> int:
    """List the edits."""
    for one in _editing(options, writes=False).listed():
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one["time"]))
        state = say("interrupted: undo or redo completes it") if one["half"] else say("undone") if one["undone"] else ""
        print_line(joined("  ", [part for part in (f"{one['number']:4}", when, one["label"], state) if part]))
    return OK
