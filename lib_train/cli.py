"""The command line. Settings become flags here; everything else is done by ``app``. Help needs no torch."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_train.config.codec import from_json, read_config, to_json
from lib_train.config.fields import Option, options_of
from lib_train.config.presets import PRESETS
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.errors import ConfigError, FileError, MissingPackage, Problem, TrainToolsError

if TYPE_CHECKING:
    from lib_train.app.service import Service

OK, OUR_FAULT, BAD_INPUT, STOPPED = 0, 1, 2, 130
_ROOT = "output/train_tools"
_GIVEN = "setting_"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console without Chinese letters shall not end a run
    options = _parser().parse_args(argv)
    warnings.filterwarnings("ignore", module=r"(diffusers|transformers|huggingface_hub|torch)\b")
    try:
        code: int = options.command(options)
    except TrainToolsError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return STOPPED
    return code


def say(text: str) -> None:
    """A line for the person in front."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="train-tools",
        description="Train LoRA networks for Stable Diffusion, and see what each checkpoint learned.",
        epilog="train-tools <command> --help explains each command with an example.",
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Any, help: str, example: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=help,
            description=f"{help[0].upper()}{help[1:]}.",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        made.set_defaults(command=run)
        return made

    demo = command(
        "demo", _demo, "train the sample character on the embedded model and count how well it was learned",
        "train-tools demo",
    )  # fmt: skip
    _add_output(demo)

    ui = command("ui", _ui, "open the tab in a browser, without a WebUI", "train-tools ui --port 7861")
    _add_output(ui)
    _add_device(ui)
    ui.add_argument("--port", type=int, default=7861, help="where it answers on this machine (default 7861)")
    ui.add_argument("--models", type=Path, action="append", default=[], help="folder of checkpoints to choose from")
    ui.add_argument(
        "--loras", type=Path, help='where "Install to Lora" puts files (default: loras beside the output folder)'
    )

    train = command(
        "train", _train, "train a LoRA",
        "train-tools train --project mochi --train_data_dir pictures --base_model model.safetensors --network_dim 16",
    )  # fmt: skip
    _add_project(train)
    _add_run(train)
    train.add_argument(
        "--resume", nargs="?", const="", metavar="RUN", help="go on with a stopped run; empty: the newest"
    )
    _add_settings(train, SECTIONS)

    plan = command(
        "plan", _plan, "say what a run would do, and every problem, without loading the model",
        "train-tools plan --train_data_dir pictures --base_model model.safetensors --resolution 512,768",
    )  # fmt: skip
    _add_project(plan)
    _add_run(plan)
    _add_settings(plan, SECTIONS)

    preview = command(
        "preview", _preview, "make pictures and a grid of checkpoints",
        'train-tools preview --project mochi --preview_prompts "mochi, smile" --preview_weights 0,0.6,1',
    )  # fmt: skip
    preview.add_argument("files", nargs="*", type=Path, help="LoRA files; none: all checkpoints of the version")
    _add_project(preview)
    preview.add_argument("--base_model", "--base-model", default="", help="checkpoint file; empty: that of the version")
    preview.add_argument("--vae", default="", help="separate VAE file")
    _add_device(preview)
    _add_settings(preview, {"preview": PreviewConfig})

    inspect = command("inspect", _inspect, "say what is in a LoRA file", "train-tools inspect my_lora.safetensors")
    inspect.add_argument("files", nargs="+", type=Path, help="LoRA files")

    install = command(
        "install-embedded", _install, "put the embedded model into a WebUI's models",
        "train-tools install-embedded ~/stable-diffusion-webui",
    )  # fmt: skip
    install.add_argument("webui", type=Path, help="the folder that holds webui.py")
    return parser


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, default=Path(_ROOT), help=f"folder of all projects (default {_ROOT})")


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", default="default", help="name of the project (default: default)")
    parser.add_argument("--version", default="v1", help="name of its version (default: v1)")
    _add_output(parser)


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--device", choices=("cuda", "mps", "cpu"), help="where to compute (default: the best there is)"
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=PRESETS, help="settings known to work; file and flags win over them")
    parser.add_argument("--config", type=Path, help="settings file (JSON); flags win over it")
    parser.add_argument("--save_config", "--save-config", type=Path, help="write all settings to this file and stop")
    kind = {"default": argparse.SUPPRESS}
    parser.add_argument("--base_model", "--base-model", dest=f"{_GIVEN}base_model", **kind,  # type: ignore[arg-type]
                        help="checkpoint file; none: the embedded model")  # fmt: skip
    parser.add_argument("--vae", dest=f"{_GIVEN}vae", help="separate VAE file", **kind)  # type: ignore[arg-type]
    parser.add_argument("--prediction_type", choices=("epsilon", "v"), help="when the model is recognised wrongly")
    _add_device(parser)


def _add_settings(parser: argparse.ArgumentParser, sections: dict[str, type]) -> None:
    for name, kind in sections.items():
        group = parser.add_argument_group(f"{name} settings")
        for option in options_of(kind):
            _add_setting(group, option)


def _add_setting(group: Any, option: Option) -> None:
    names = dict.fromkeys((f"--{option.name}", "--" + option.name.replace("_", "-")))
    shown = "empty" if option.default in (None, (), "", {}) else option.default
    if isinstance(shown, tuple):
        shown = ",".join(str(part) for part in shown)
    choices = f" One of {', '.join(option.choices)}." if option.choices else ""
    help_text = f"{option.help}{choices} (default: {shown})".replace("%", "%%")
    extra: dict[str, Any] = {"metavar": option.kind.__name__.upper()}
    if option.kind is bool:
        extra = {"nargs": "?", "const": "true", "metavar": "BOOL"}
    elif option.kind is dict:
        extra = {"nargs": "+", "metavar": "NAME=VALUE"}
    elif option.kind is tuple:
        many = option.separator == "\n"
        extra = {"metavar": "TEXT" if many else "LIST"} | ({"action": "append"} if many else {})
    group.add_argument(*names, dest=_GIVEN + option.name, default=argparse.SUPPRESS, help=help_text, **extra)


def _changes(options: argparse.Namespace) -> dict[str, Any]:
    return {key.removeprefix(_GIVEN): value for key, value in vars(options).items() if key.startswith(_GIVEN)}


def _config(options: argparse.Namespace) -> RunConfig:
    changes = _changes(options)
    preset = {**PRESETS[options.preset].settings, "preset": options.preset} if options.preset else {}
    config, notes = read_config(options.config, changes, preset) if options.config else from_json(preset, changes)
    for note in notes:
        say(f"note: {note}")
    return config


def _service(options: argparse.Namespace, precision: str = "no") -> "Service":
    from lib_train.app.console import Console
    from lib_train.app.service import Service
    from lib_train.host.standalone import StandaloneHost, weights_dtype

    device = getattr(options, "device", None)
    prediction_type = getattr(options, "prediction_type", None)
    host = StandaloneHost(device=device, dtype=weights_dtype(precision, device), prediction_type=prediction_type)
    return Service(host, options.output, Console(), signals=True)


def _demo(options: argparse.Namespace) -> int:
    from lib_train.demo.run import run

    return run(_service(options))


def _ui(options: argparse.Namespace) -> int:
    from lib_train.app.session import Session
    from lib_train.host.standalone import StandaloneHost

    try:
        from lib_train.ui.serve import serve
    except ImportError as error:
        raise MissingPackage("gradio==3.41.2", "the tab without a WebUI") from error
    host = StandaloneHost(options.models, options.device, loras=options.loras or options.output.parent / "loras")
    say(f"http://127.0.0.1:{options.port}")
    serve(Session(host, options.output), options.port)
    return OK


def _save_config(options: argparse.Namespace, config: RunConfig) -> int:
    from lib_train.store.json_files import write_json

    if options.save_config.exists():
        raise FileError(f"{options.save_config}: is there already and is not written over; choose another name")
    write_json(options.save_config, to_json(config))
    say(f"settings written to {options.save_config}")
    return OK


def _train(options: argparse.Namespace) -> int:
    config = _config(options)
    if options.save_config:
        return _save_config(options, config)
    if options.resume is not None:
        if _changes(options) or options.config or options.preset:
            names = ", ".join(_changes(options)) or ("config" if options.config else "preset")
            remedy = "a resumed run keeps its settings: leave them out, or start a new run"
            raise ConfigError([Problem("resume", options.resume, f"{remedy} (given: {names})")])
        from lib_train.store.projects import Version, open_project
        from lib_train.store.runs import run_named

        kept = run_named(Version(open_project(options.output, options.project), options.version), options.resume)
        precision = from_json(kept.settings()["config"])[0].training.mixed_precision
        outcome = _service(options, precision).resume(options.project, options.version, options.resume)
    else:
        outcome = _service(options, config.training.mixed_precision).train(options.project, options.version, config)
    for path in (*outcome.checkpoints, *outcome.grids):
        say(str(path))
    if outcome.finished:
        return OK
    again = f"train-tools train --project {_quoted(options.project)} --version {_quoted(options.version)}"
    where = "" if options.output == Path(_ROOT) else f" --output {_quoted(str(options.output))}"
    say(f"stopped and saved; go on with: {again}{where} --resume {outcome.run.name}")
    return STOPPED


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _plan(options: argparse.Namespace) -> int:
    config = _config(options)
    if options.save_config:
        return _save_config(options, config)
    from lib_train.store.projects import Project, Version

    version = Version(Project(options.output, options.project), options.version)
    report = _service(options, config.training.mixed_precision).plan(config, version)
    say(str(report))
    return BAD_INPUT if report.problems and config.dataset.on_bad_file == "refuse" else OK


def _preview(options: argparse.Namespace) -> int:
    from lib_train.store.runs import paths_of

    service = _service(options)
    version = service.version(options.project, options.version)
    kept, notes = version.settings()
    for note in notes:
        say(f"note: {note}")
    files = options.files or paths_of(version)[::-1]
    if not files:
        raise FileError(f"{version.folder}: holds no checkpoints; train first, or name LoRA files")
    models = {"base_model": options.base_model or kept.base_model, "vae": options.vae or kept.vae}
    config, _ = from_json(to_json(kept), _changes(options) | models)
    grids = service.preview(files, config, version)
    for path in grids:
        say(str(path))
    return OK


def _inspect(options: argparse.Namespace) -> int:
    from lib_train.app.service import described

    for place, path in enumerate(options.files):
        say(("\n" if place else "") + described(path))
    return OK


def _install(options: argparse.Namespace) -> int:
    from lib_train.host.standalone import install_embedded

    for path in install_embedded(options.webui):
        say(str(path))
    return OK
