"""A person's own presets: a JSON file each, below the root. They can be sent to others as they are."""

from functools import lru_cache
from pathlib import Path

from lib_train.config.known_presets import is_built_in, preset_in, preset_json
from lib_train.config.presets import Preset
from lib_train.errors import ConfigError, Problem, ProjectError, TrainToolsError
from lib_train.marks import Mark, mark_of
from lib_train.store.json_files import changed_alone, read_json, write_json
from lib_train.store.layout import PRESETS, below, checked_name, files_in, made
from lib_train.store.moves import discarded
from lib_train.texts import say

_ENDING = ".json"


def own_presets(root: Path) -> tuple[dict[str, Preset], list[Problem]]:
    """All of them by name, and what is wrong with files that hold none."""
    found: dict[str, Preset] = {}
    problems: list[Problem] = []
    for file in files_in(root / PRESETS):
        name = file.removesuffix(_ENDING)
        if name == file or is_built_in(name):
            continue
        try:
            path = below(root, PRESETS, file)
            found[name] = _read(path, mark_of(path))
        except (OSError, TrainToolsError) as error:
            problems.append(Problem("preset", name, str(error)))
    return found, problems


@lru_cache(maxsize=200)
def _read(path: Path, mark: Mark) -> Preset:
    """``mark`` is part of the key alone: settings ask for all presets at every change."""
    return preset_in(read_json(path))[0]


def keep_preset(root: Path, name: str, preset: Preset, replace: bool = False) -> None:
    """Write one.

    Raises:
        ConfigError: a built-in preset has the name, or one of the person's own while ``replace`` is false.
        ProjectError: the name may not be used, or the file cannot be written.
    """
    checked_name(name, "preset")
    path = below(root, PRESETS, name + _ENDING)
    if is_built_in(name):
        raise ConfigError([Problem("preset", name, say("is the name of a built-in preset; choose another"))])
    made(root)
    made(path.parent)
    with changed_alone(path):
        if path.exists() and not replace:
            remedy = say("there is one of this name; choose another, or replace it")
            raise ConfigError([Problem("preset", name, remedy)])
        write_json(path, preset_json(preset))


def delete_preset(root: Path, name: str) -> Path:
    """Move one into the trash below the root; returns where it lies.

    Raises:
        ProjectError: there is none of this name.
    """
    checked_name(name, "preset")
    path = below(root, PRESETS, name + _ENDING)
    if not path.is_file():
        raise ProjectError(say("{name}: there is no preset of your own of this name", name=name))
    return discarded(root, path, f"preset-{name}")
