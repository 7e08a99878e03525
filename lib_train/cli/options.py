"""Options that several commands share, and the settings and service made from them."""

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_train.cli.console import OK, print_line
from lib_train.cli.language import here
from lib_train.cli.threads import use_threads
from lib_train.config.codec import from_json, read_config, to_json
from lib_train.config.export import to_sd_scripts
from lib_train.config.fields import Option, options_of
from lib_train.config.known_presets import required
from lib_train.config.like_file import Like
from lib_train.config.run import PREDICTIONS, RunConfig
from lib_train.config.tools import TOOLS
from lib_train.errors import ConfigError, FileError, Problem, reason
from lib_train.store.layout import ROOT
from lib_train.texts import Text, joined, say
from lib_train.vocabulary import SCHEMA

if TYPE_CHECKING:
    from lib_train.app.service import Service

_GIVEN = "setting_"
_TITLES = {
    "network": say("network settings"), "dataset": say("dataset settings"), "training": say("training settings"),
    "preview": say("preview settings"), "tagging": say("tagging settings"),
    "regularisation": say("settings of the regularisation pictures"), "queue": say("settings"),
    **dict.fromkeys(TOOLS, say("settings")),
}  # fmt: skip
"""Headings of the sections in the help."""

Commands = Any
"""What ``ArgumentParser.add_subparsers`` gives; argparse keeps its class to itself."""


def new_command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], help: str, example: str
) -> argparse.ArgumentParser:
    """A command of this name that ``run`` carries out."""
    about = here(help)
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}" + ("." if about.isascii() else "。"),
        epilog=here(joined("", (say("example:"), "\n  ", example))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.set_defaults(command=run)
    return made


def new_group(commands: Commands, name: str, help: str) -> Commands:
    """A command of this name that has commands of its own."""
    explained = say("{command} explains each command with an example.", command=f"train-tools {name} <what> --help")
    made = commands.add_parser(name, help=here(help), epilog=here(explained), allow_abbrev=False)
    return made.add_subparsers(required=True, metavar="what")


def a_path(text: str) -> Path:
    """A path of the command line."""
    try:
        unusable = b"\0" in os.fsencode(text)
    except UnicodeEncodeError:
        unusable = True
    if unusable:
        raise argparse.ArgumentTypeError(
            here(say("{text!r:.80} holds a letter that no name of a file can have", text=text))
        )
    return Path(text)


def add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        type=a_path,
        default=ROOT,
        help=here(say("folder of all projects (default {folder})", folder=ROOT.as_posix())),
    )


def add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", default="default", help=here(say("name of the project (default: default)")))
    parser.add_argument("--version", default="v1", help=here(say("name of its version (default: v1)")))
    add_output(parser)


def add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--device", choices=("cuda", "mps", "cpu"), help=here(say("where to compute (default: the best there is)"))
    )


def add_prediction_type(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prediction_type", "--prediction-type", dest=f"{_GIVEN}prediction_type", choices=PREDICTIONS,
        default=argparse.SUPPRESS, help=here(say("what the base model predicts, when it is recognised wrongly")),
    )  # fmt: skip


def add_run(parser: argparse.ArgumentParser) -> None:
    """What decides a run apart from its settings."""
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help=here(
            say("settings known to work, as `train-tools presets list` names them; file and flags win over them")
        ),
    )
    parser.add_argument(
        "--like", type=a_path, help=here(say("LoRA file whose settings are taken; file and flags win over them"))
    )
    parser.add_argument(
        "--config", type=a_path, action="append",
        help=here(say("settings file (JSON or TOML); flags win over it; again for sd-scripts' dataset_config")),
    )  # fmt: skip
    parser.add_argument(
        "--save_config", "--save-config", type=a_path,
        help=here(say("write all settings to this file and stop; for sd-scripts if it ends in .toml")),
    )  # fmt: skip
    kind = {"default": argparse.SUPPRESS}
    parser.add_argument("--base_model", "--base-model", dest=f"{_GIVEN}base_model", **kind,  # type: ignore[arg-type]
                        help=here(say("checkpoint file; none: the embedded model")))  # fmt: skip
    parser.add_argument("--vae", dest=f"{_GIVEN}vae", help=here(say("separate VAE file")), **kind)  # type: ignore[arg-type]
    add_prediction_type(parser)
    add_device(parser)


def add_settings(parser: argparse.ArgumentParser, sections: dict[str, type]) -> None:
    """A flag for each declared setting."""
    for name, kind in sections.items():
        group = parser.add_argument_group(here(_TITLES[name]))
        for option in options_of(kind):
            add_setting(group, option)


def add_setting(group: Any, option: Option) -> None:
    """A flag for a declared setting, in a parser or a group of one."""
    names = dict.fromkeys((f"--{option.name}", "--" + option.name.replace("_", "-")))
    usual = say("empty") if option.default in (None, (), "", {}) else option.default
    if isinstance(usual, tuple):
        usual = ",".join(str(part) for part in usual)
    about: str = Text(option.help.replace("`", ""), {})
    if option.choices:
        about = say("{about} One of {known}.", about=about, known=", ".join(option.choices))
    help_text = here(say("{about} (default: {value})", about=about, value=usual)).replace("%", "%%")
    extra: dict[str, Any] = {"metavar": option.kind.__name__.upper()}
    if option.kind is bool:
        extra = {"nargs": "?", "const": "true", "metavar": "BOOL"}
    elif option.kind is dict:
        extra = {"nargs": "+", "metavar": "NAME=VALUE"}
    elif option.kind is tuple:
        many = option.separator == "\n"
        extra = {"metavar": "TEXT" if many else "LIST"} | ({"action": "extend", "type": _lines} if many else {})
    group.add_argument(*names, dest=_GIVEN + option.name, default=argparse.SUPPRESS, help=help_text, **extra)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def changes_in(options: argparse.Namespace) -> dict[str, Any]:
    """Settings that were given as flags, by name."""
    return {key.removeprefix(_GIVEN): value for key, value in vars(options).items() if key.startswith(_GIVEN)}


def forget(options: argparse.Namespace, names: Iterable[str]) -> None:
    """Take settings out of those that were given as flags."""
    for name in names:
        delattr(options, _GIVEN + name)


def config_from(options: argparse.Namespace, *, own: bool = True) -> RunConfig:
    """Settings of preset, LoRA file, settings file and flags; notes are printed.

    Where none of the first three is given, they are those that the version has, and the flags win over them.

    Args:
        own: whether the version's count at all.
    """
    changes, paths = changes_in(options), options.config
    if own and options.preset is None and not (options.like or paths):
        config, notes = _own(options, changes)
    else:
        preset = _preset(options)
        taken = _settings_like(options.like) if options.like else Like({}, [])
        preset |= taken.settings
        config, notes = read_config(paths, changes, preset) if paths else from_json({"schema": SCHEMA}, changes, preset)
        notes = [*taken.notes, *notes]
    for note in notes:
        print_line(say("note: {note}", note=note))
    return config


def _own(options: argparse.Namespace, changes: dict[str, Any]) -> tuple[RunConfig, list[str]]:
    """Settings of the version with those that were given, and notes.

    Raises:
        ConfigError: one of them cannot be used.
        ProjectError: they cannot be read.
    """
    from lib_train.store.projects import version_named

    kept = version_named(options.output, options.project, options.version).kept()
    remedy = say("so it stands in {project} {version}: set it again", project=options.project, version=options.version)
    if wrong := [Problem(name, value, remedy) for name, value in kept.drafts.items() if name not in changes]:
        told = {problem.setting: problem for problem in kept.problems}
        raise ConfigError([told.get(problem.setting, problem) for problem in wrong])
    if changes.get("base_model", kept.config.base_model) != kept.config.base_model:
        changes = {"prediction_type": "", **changes}  # what the version says is of its own base model
    config, notes = from_json(to_json(kept.config), changes)
    if kept.config != RunConfig():
        where = say("settings of {project} {version}, and those that are given; --preset defaults takes none of them",
                    project=options.project, version=options.version)  # fmt: skip
        notes = [where, *notes]
    return config, notes


def _preset(options: argparse.Namespace) -> dict[str, Any]:
    if not options.preset:
        return {}
    from lib_train.store.presets import own_presets

    own = own_presets(options.output)[0] if hasattr(options, "output") else {}
    return {**required(options.preset, own).settings, "preset": options.preset}


def _settings_like(path: Path) -> Like:
    from lib_train.app.service import like

    return like(path)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that a person named.

    Raises:
        FileError: there is a file of this name, or it cannot be written.
    """
    from lib_train.files import write_whole

    try:
        write_whole(path, content, replace=False)
    except FileExistsError as error:
        raise FileError(
            say("{path}: is there already and is not written over; choose another name", path=path)
        ) from error
    except OSError as error:
        raise FileError(
            say("{path}: cannot be written ({why}); make room or check permissions", path=path, why=reason(error))
        ) from error


def save_config(path: Path, config: RunConfig) -> int:
    """Write all settings to a new file: for sd-scripts where its name ends in .toml; returns the exit code.

    Raises:
        FileError: there is a file of this name, or it cannot be written.
        ProjectError: it cannot be written.
    """
    from lib_train.store.json_files import as_json

    notes: list[str] = []
    content = as_json(to_json(config))
    if path.suffix.lower() == ".toml":
        text, notes = to_sd_scripts(config, path.stem)
        content = text.encode("utf-8", "surrogateescape")
    write_new(path, content)
    print_line(say("settings written to {path}", path=path))
    for note in notes:
        print_line(say("note: {note}", note=note))
    return OK


def service_for(options: argparse.Namespace, precision: str = "no", writes: bool = True) -> "Service":
    """The use cases on a host of this process.

    Args:
        writes: whether the command writes into the output folder: it is cleared of what killed processes left there.
    """
    from lib_train.app.service import Service
    from lib_train.cli.bars import Console
    from lib_train.files import sweep
    from lib_train.host.standalone.host import StandaloneHost, weights_dtype

    if hasattr(options, "threads"):
        use_threads(options.threads)
    device = getattr(options, "device", None)
    host = StandaloneHost(device=device, dtype=weights_dtype(precision, device))
    if writes:
        sweep(options.output)
    return Service(host, options.output, Console(), signals=True)
