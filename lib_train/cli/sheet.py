"""``train-tools sheet``: pictures by axes, as a PNG, a page to share and a JSON."""

import argparse
from typing import TYPE_CHECKING

from lib_train.cli.console import OK, print_line
from lib_train.cli.drawing import add_drawing, add_files, add_place_and_model, drawing_config, version_of
from lib_train.cli.language import here, own_language
from lib_train.cli.options import Commands, new_command, service_for
from lib_train.config.axes import AXES
from lib_train.config.sample_prompts import notes_on_prompts
from lib_train.config.sheet_lines import SIDES, line_of
from lib_train.planning.words import span_text
from lib_train.store.json_files import as_json
from lib_train.texts import say

if TYPE_CHECKING:
    from lib_train.jobs.axis_drawing import Count

_SIDES = dict(zip(SIDES, (say("axis of the rows"), say("axis of the columns"), say("axis with a sheet for each value")),
                  strict=True))  # fmt: skip


def add_to(commands: Commands) -> None:
    sheet = new_command(
        commands, "sheet", run, say("make a sheet whose rows and columns differ in what you choose"),
        'train-tools sheet --project mochi --rows checkpoint --columns "replace:sitting,standing" --pages seed:1,2',
    )  # fmt: skip
    add_files(sheet)
    for side, about in _SIDES.items():
        sheet.add_argument(f"--{side}", default="", metavar="AXIS:VALUES", help=here(about))
    add_place_and_model(sheet)
    sheet.add_argument("--dry_run", "--dry-run", action="store_true",
                       help=here(say("say how many pictures there are to make, and make none")))  # fmt: skip
    sheet.add_argument("--json", action="store_true", help=here(say("print the result as JSON")))
    add_drawing(sheet)
    examples = "\n  ".join(f"{name}:{axis.example}" for name, axis in AXES.items())
    sheet.epilog = f"{sheet.epilog}\n\n{here(say('axes with examples of their values:'))}\n  {examples}"


def run(options: argparse.Namespace) -> int:
    from lib_train.app.versions import Versions

    line = line_of(options.rows, options.columns, options.pages)
    service = service_for(options, writes=not options.dry_run)
    version = version_of(options, Versions(options.output).named)
    config, notes = drawing_config(options, version)
    for note in [*notes, *notes_on_prompts(config.preview.preview_prompts)]:
        if not options.json:
            print_line(say("note: {note}", note=note))
    found = service.sheets.count(line, options.files, config, version)
    if not options.json:
        _tell(found)
    if options.dry_run:
        if options.json:
            print_line(as_json(_counted(found)).decode().rstrip())
        return OK
    made = service.sheets.draw(line, options.files, config, version, language=own_language())
    paths = [path for one in made for path in one.paths]
    if options.json:
        print_line(as_json({**_counted(found), "files": [str(path) for path in paths]}).decode().rstrip())
        return OK
    for path in paths:
        print_line(str(path))
    return OK


def _tell(found: "Count") -> None:
    print_line(say("{total} pictures, {there} of them there already", total=found.total,
                   there=found.total - found.missing))  # fmt: skip
    if not found.missing:
        return
    if found.seconds is None:
        print_line(say("{count} to make, time not known yet", count=found.missing))
    else:
        print_line(say("{count} to make, about {span}", count=found.missing, span=span_text(found.seconds)))


def _counted(found: "Count") -> dict[str, object]:
    return {"pictures": found.total, "missing": found.missing, "seconds": found.seconds}
