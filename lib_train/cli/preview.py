"""``train-tools preview``."""

import argparse

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here
from lib_train.cli.options import (
    Commands,
    a_path,
    add_device,
    add_prediction_type,
    add_project,
    add_settings,
    changes_in,
    new_command,
    service_for,
)
from lib_train.cli.threads import add_threads
from lib_train.config.codec import from_json, to_json
from lib_train.config.preview import PreviewConfig
from lib_train.config.sample_prompts import notes_on_prompts
from lib_train.config.sheet_lines import notes_on_sheets
from lib_train.errors import FileError
from lib_train.texts import say


def add_to(commands: Commands) -> None:
    preview = new_command(
        commands, "preview", run, say("make pictures and a grid of checkpoints"),
        'train-tools preview --project mochi --preview_prompts "mochi, smile" --preview_weights 0,0.6,1',
    )  # fmt: skip
    preview.add_argument(
        "files", nargs="*", type=a_path, help=here(say("LoRA files; none: all checkpoints of the version"))
    )
    add_project(preview)
    preview.add_argument(
        "--base_model", "--base-model", default="", help=here(say("checkpoint file; empty: that of the version"))
    )
    preview.add_argument("--vae", default="", help=here(say("separate VAE file")))
    add_prediction_type(preview)
    add_device(preview)
    add_threads(preview)
    add_settings(preview, {"preview": PreviewConfig})


def run(options: argparse.Namespace) -> int:
    from lib_train.store.runs import paths_of

    service = service_for(options)
    version = service.version(options.project, options.version)
    kept, notes = version.settings()
    for note in notes:
        print_line(say("note: {note}", note=note))
    files = options.files or paths_of(version)[::-1]
    if not files:
        raise FileError(say("{folder}: holds no checkpoints; train first, or name LoRA files", folder=version.folder))
    models = {"base_model": options.base_model or kept.base_model, "vae": options.vae or kept.vae}
    if models["base_model"] != kept.base_model:
        models["prediction_type"] = ""  # what the version says is of its own base model
    config, _ = from_json(to_json(kept), models | changes_in(options))
    preview = config.preview
    for note in [
        *notes_on_prompts(preview.preview_prompts),
        *notes_on_sheets(preview.preview_sheets, preview.preview_prompts),
    ]:
        print_line(say("note: {note}", note=note))
    for path in service.preview(files, config, version, by_axes=not options.files):
        print_line(str(path))
    return OK
