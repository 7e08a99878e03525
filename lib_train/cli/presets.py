"""``train-tools presets``."""

import argparse

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here
from lib_train.cli.options import Commands, a_path, add_output, add_project, new_command, new_group
from lib_train.config.known_presets import preset_in, preset_json, preset_of, required
from lib_train.config.presets import PRESETS
from lib_train.config.reading import read_object
from lib_train.config.starts import starts
from lib_train.config.wording import worded
from lib_train.errors import ConfigError, FileError, Problem, reason
from lib_train.texts import joined, say


def add_to(commands: Commands) -> None:
    group = new_group(commands, "presets", say("list presets and starting points; keep, share and take in own ones"))
    listed = new_command(group, "list", list_all, say("name every preset"), "train-tools presets list")
    add_output(listed)
    shown = new_command(
        group, "show", show, say("say what a preset sets and why"), "train-tools presets show character-sdxl-12gb"
    )
    shown.add_argument("name")
    add_output(shown)
    kept = new_command(
        group, "save", save, say("keep a version's settings as a preset of your own"),
        "train-tools presets save faces --project mochi",
    )  # fmt: skip
    kept.add_argument("name")
    kept.add_argument("--about", default="", help=here(say("what it is good for")))
    kept.add_argument("--replace", action="store_true", help=here(say("write over your own one of this name")))
    add_project(kept)
    taken = new_command(
        group, "import", take_in, say("take in a preset that was shared, or settings of another program"),
        "train-tools presets import faces.json",
    )  # fmt: skip
    taken.add_argument("file", type=a_path)
    taken.add_argument("--name", default="", help=here(say("of the preset; the file's without it")))
    add_output(taken)
    given = new_command(
        group, "export", give, say("write a preset to a file that others can take in"),
        "train-tools presets export faces --to faces.json",
    )  # fmt: skip
    given.add_argument("name")
    given.add_argument("--to", type=a_path, required=True, help=here(say("new file")))
    add_output(given)
    gone = new_command(group, "delete", delete, say("move your own preset into the trash"),
                       "train-tools presets delete faces")  # fmt: skip
    gone.add_argument("name")
    add_output(gone)


def list_all(options: argparse.Namespace) -> int:
    from lib_train.store.presets import own_presets

    own, problems = own_presets(options.output)
    for name, preset in {**PRESETS, **own, **dict(starts())}.items():
        print_line(joined(": ", (name, joined(". ", [text for text in (preset.title, preset.about) if text]))))
    for problem in problems:
        print_line(say("note: {note}", note=problem))
    return OK


def show(options: argparse.Namespace) -> int:
    from lib_train.store.presets import own_presets

    preset = required(options.name, own_presets(options.output)[0])
    for name, value in preset.settings.items():
        setting = joined(" = ", (name, worded(value)))
        print_line(joined(": ", (setting, preset.reasons[name])) if name in preset.reasons else setting)
    return OK


def save(options: argparse.Namespace) -> int:
    from lib_train.app.versions import Versions
    from lib_train.store.presets import keep_preset

    config = Versions(options.output).existing(options.project, options.version).settings()[0]
    keep_preset(options.output, options.name, preset_of(config, "", options.about, ""), options.replace)
    print_line(say("kept as {name}", name=options.name))
    return OK


def take_in(options: argparse.Namespace) -> int:
    from lib_train.store.presets import keep_preset

    preset, notes = preset_in(read_object(options.file))
    name = options.name or options.file.stem
    keep_preset(options.output, name, preset)
    print_line(say("kept as {name}", name=name))
    for note in notes:
        print_line(say("note: {note}", note=note))
    return OK


def give(options: argparse.Namespace) -> int:
    from lib_train.files import write_whole
    from lib_train.store.json_files import as_json
    from lib_train.store.presets import own_presets

    preset = required(options.name, own_presets(options.output)[0])
    try:
        write_whole(options.to, as_json(preset_json(preset)), replace=False)
    except FileExistsError as error:
        raise ConfigError([Problem("to", str(options.to), say("is there already; choose another name"))]) from error
    except OSError as error:
        raise FileError(
            say("{path}: cannot be written ({why}); make room or check permissions", path=options.to, why=reason(error))
        ) from error
    print_line(say("settings written to {path}", path=options.to))
    return OK


def delete(options: argparse.Namespace) -> int:
    from lib_train.store.presets import delete_preset

    print_line(say("moved to {path}", path=delete_preset(options.output, options.name)))
    return OK
