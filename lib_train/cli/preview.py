"""``train-tools preview``."""

import argparse

from lib_train.cli.console import OK, print_line
from lib_train.cli.drawing import add_drawing, add_files, add_place_and_model, drawing_config, version_of
from lib_train.cli.options import Commands, new_command, service_for
from lib_train.config.sample_prompts import notes_on_prompts
from lib_train.config.sheet_lines import notes_on_sheets
from lib_train.errors import FileError
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    preview = new_command(
        commands, "preview", run, say("make pictures and a grid of checkpoints"),
        'train-tools preview --project mochi --preview_prompts "mochi, smile" --preview_weights 0,0.6,1',
    )  # fmt: skip
    add_files(preview)
    add_place_and_model(preview)
    add_drawing(preview)


def run(options: argparse.Namespace) -> int:
    from lib_train.app.drawings import notes_on_networks
    from lib_train.store.runs import paths_of

    service = service_for(options)
    version = version_of(options, service.version)
    config, notes = drawing_config(options, version)
    for note in notes:
        print_line(say("note: {note}", note=note))
    files = options.files or paths_of(version)[::-1]
    if not files:
        raise FileError(say("{folder}: holds no checkpoints; train first, or name LoRA files", folder=version.folder))
    preview = config.preview
    for note in [
        *notes_on_prompts(preview.preview_prompts),
        *notes_on_sheets(preview.preview_sheets, preview.preview_prompts),
        *notes_on_networks(service.host, preview, version),
    ]:
        print_line(say("note: {note}", note=note))
    for path in service.preview(files, config, version, by_axes=not options.files):
        print_line(str(path))
    return OK
