"""Every option of every command is given everything that is no good, and says so in a sentence.

Commands and options are read from the parser, so that a new one is tried without being named here.
"""

import argparse
import os
import sys
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib_train import cli
from lib_train.app import service
from lib_train.app.tool_runs import ToolRuns
from lib_train.cli import program
from lib_train.config.dataset import DatasetConfig
from lib_train.errors import ModelFileError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.pictures import sources
from lib_train.pictures.records import Scan
from lib_train.pictures.scan import scan

LONG = "x" * 300
HOSTILE = (
    "", " ", "-", "--", "-1", "0", "-0.5", "1e400", "nan", "-inf", "9" * 5000, "0x10", "1if", ",", "1,2,3", "64,x", "=",
    "a=", "a = 1, b = (2, 3", "a==1", "a=" + "(" * 300, "[" * 3000, "{}", "None", "true", "\0", "a\0b", "caf\udce9",
    "\ud800", "\u65e5\u672c", "\U0001f642", "\n", "a\r\nb", "\x1b[31m", "%s%n{0}", "'", '"', "\\", LONG, LONG + "/y",
    "a/" * 2500, "~", "../../..", "/", "/dev/null", "/dev/full", "/proc/self/mem", "{place}/file", "{place}/folder",
    "{place}/loop", "{place}/gone",
)  # fmt: skip
MASKS = {"alpha": [], "box": ["--box", "0,0,1,1"], "detector": [], "files": ["--folder", "."], "invert": [], "none": []}
CAPTIONS = {
    "add": ["x"], "remove": ["x"], "front": ["x"], "replace": ["--find", "x"], "sort": [], "dedupe": [],
    "underscores": [], "case": [], "separators": [], "tags": [], "bind": [], "undo": [], "redo": [], "edits": [],
}  # fmt: skip
"""Commands on captions, and what they need."""
PATHS = {
    "output",
    "packed",
    "save_config",
    "loras",
    "webui",
    "models",
    "files",
    "train_data_dir",
    "reg_data_dir",
    "vae",
    "file",
    "to",
    "base",
    "into",
    "tuned",
    "cover",
    "presets",
}
"""What may name a place anywhere; nothing else may make the program look outside."""

_OWN_FAULT = os.path.join(tempfile.gettempdir(), "train-tools-")
_allowed: list[Path] = []
_outside: list[str] = []
_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}


def _watch(event: str, args: tuple[Any, ...]) -> None:
    """Refuse, and write down, whatever would change something outside of the test's folder."""
    if not _allowed or (event != "open" and event not in _CHANGES):
        return
    path, flags = args[0], args[2] if event == "open" else os.O_WRONLY
    if not isinstance(path, str | bytes) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return
    full = os.path.abspath(os.fsdecode(path))
    if (
        full != os.devnull
        and not full.startswith(_OWN_FAULT)
        and not any(Path(full).is_relative_to(place) for place in _allowed)
    ):
        _outside.append(full)
        raise PermissionError(13, "Permission denied", full)


sys.addaudithook(_watch)


def commands() -> dict[str, argparse.ArgumentParser]:
    return dict(_inside("", program.parser()))


def _inside(name: str, command: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The commands of a command, each with all the words that call it; itself where it has none."""
    found = [action for action in command._actions if isinstance(action, argparse._SubParsersAction)]
    if not found:
        yield name, command
    for action in found:
        for word, inner in action.choices.items():
            yield from _inside(f"{name} {word}".strip(), inner)


@pytest.fixture
def place(
    tmp_path: Path, checkpoints: dict[str, Path], pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A folder to work in, with nothing writable outside, and a host that stops where work would begin."""
    (tmp_path / "file").write_text("no settings")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    sizes = cache(StandaloneHost.size_of)

    def stop(host: StandaloneHost, ref: object) -> None:
        raise ModelFileError("loaded")

    monkeypatch.setattr(StandaloneHost, "size_of", sizes)
    monkeypatch.setattr(StandaloneHost, "__hash__", lambda host: 0)
    monkeypatch.setattr(StandaloneHost, "__eq__", lambda host, other: True)
    monkeypatch.setattr(StandaloneHost, "_load", stop)
    monkeypatch.setattr(program, "parser", cache(program.parser))
    monkeypatch.setattr(service, "scan", scanned_once())
    served = SimpleNamespace(start=lambda *args: SimpleNamespace(address="", wait=lambda: None))
    monkeypatch.setitem(sys.modules, "lib_train.ui.serve", served)  # type: ignore[arg-type]
    monkeypatch.setattr(ToolRuns, "sweep", lambda runs: None)  # of folders such as that of all files of the machine
    monkeypatch.setattr(sources, "_MOST_FILES", 20)  # of what lies around, some folders hold all files of the machine
    monkeypatch.setattr(os, "fsync", lambda file: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    yield tmp_path
    _allowed.clear()
    _outside.clear()


def scanned_once() -> Callable[..., Scan]:
    """A scan that looks at the pictures once for the same settings; most words change none of these."""
    found: dict[str, Scan] = {}

    def scanned(config: DatasetConfig, progress: Callable[[int, int], object]) -> Scan:
        key = repr(config)
        return found[key] if key in found else found.setdefault(key, scan(config, progress))

    return scanned


def usual(name: str, place: Path, checkpoint: Path) -> list[str]:
    """Words that make a command work."""
    dataset = ["--train_data_dir", str(place / "data"), "--base_model", str(checkpoint), "--resolution", "64",
               "--min_bucket_reso", "64", "--device", "cpu"]  # fmt: skip
    pictures = ["--train_data_dir", str(place / "data")]
    return {
        **{f"captions {word}": [*pictures, *more] for word, more in CAPTIONS.items()},
        "train": [*dataset, "--network_dim", "2"],
        "plan": dataset,
        "doctor": dataset,
        "preview": [str(place / "file"), "--preview_prompts", "a", "--base_model", str(checkpoint), "--device", "cpu"],
        "inspect": [str(place / "file")],
        "import": [str(place / "file")],
        "unpack": [str(place / "file")],
        "resize": [str(place / "file"), "--to", str(place / "new.safetensors"), "--rank", "2"],
        "blocks": [str(place / "file"), "--to", str(place / "new.safetensors"), "--weights", "1"],
        "convert": [str(place / "file"), "--to", str(place / "new.safetensors")],
        "extract": [str(place / "file"), str(place / "file"), "--to", str(place / "new.safetensors")],
        "mix": ["a:0.5", "b:0.5"],
        "merge": [str(place / "file"), "--to", str(place / "new.safetensors")],
        "crop": ["--train_data_dir", str(place / "data"), "--dry_run"],  # or each value would double the pictures
        **{name: [*pictures, "--dry_run"] for name in ("enlarge", "rotate", "mirror", "pad", "background")},
        **{f"masks {word}": [*pictures, *more] for word, more in MASKS.items()},
        "install-embedded": [str(place / "folder")],
        "ui": ["--device", "cpu"],
    }.get(name, [])


def refusal(argv: list[str], capsys: pytest.CaptureFixture[str]) -> str | None:
    """What is wrong with how the command ended; None when nothing is."""
    del _outside[:]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            code: Any = cli.main(argv)
    except SystemExit as stopped:
        code = stopped.code
    except BaseException as error:  # noqa: BLE001
        return f"{error!r} escaped"
    output = capsys.readouterr()
    if code not in (0, 2, 130):
        return f"exit code {code}: {output.err[-300:]}"
    if code == 2 and not output.err.strip() and not output.out.strip():
        return "refused without a word"
    words = next((word for word in ("Traceback", "object at 0x", "Errno") if word in output.err + output.out), None)
    return f"{words} in {output.err[-300:]}" if words else None


def options_of(command: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in command._actions if action.dest not in ("help", "command")]


def words_of(action: argparse.Action, value: str) -> list[str]:
    return [f"{action.option_strings[0]}={value}"] if action.option_strings else ["--", value]


_PART, _OF_SETTINGS = 9, 2


def _option(action: argparse.Action) -> tuple[object, ...]:
    """What is one and the same option in several commands."""
    return action.dest, tuple(action.option_strings), action.nargs, action.help


@cache
def _first() -> dict[tuple[object, ...], str]:
    """The command that is given everything for an option; for settings it is plan, which reads them all."""
    found: dict[tuple[object, ...], str] = {}
    for name, command in sorted(commands().items(), key=lambda one: one[0] != "plan"):
        for action in options_of(command):
            found.setdefault(_option(action), name)
    return found


def hostile(name: str, action: argparse.Action) -> tuple[str, ...]:
    """All values at the first command that has an option, at each other command another part of them.

    Settings are many, and those of a kind are read alike: every other one has the same half of the values.
    """
    if _first()[_option(action)] == name:
        half = zlib.crc32(action.dest.encode()) % _OF_SETTINGS
        return HOSTILE[half::_OF_SETTINGS] if action.dest.startswith("setting_") else HOSTILE
    return HOSTILE[list(commands()).index(name) % _PART :: _PART]


@pytest.mark.parametrize("name", list(commands()))
def test_no_option_takes_what_is_no_good_without_a_sentence(place, checkpoints, capsys, name):
    given = usual(name, place, checkpoints["sd1"])
    _allowed.append(place)
    faults = []
    for action in options_of(commands()[name]):
        plain = action.dest.removeprefix("setting_")
        for value in hostile(name, action):
            argv = [*name.split(), *given, *words_of(action, value.replace("{place}", str(place)))]
            fault = refusal(argv, capsys)
            if fault is None and _outside and plain not in PATHS:
                fault = f"would write to {_outside}"
            if fault:
                faults.append(f"{name} {plain} = {value[:40]!r}: {fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", list(commands()))
def test_no_option_is_left_without_its_value(place, capsys, name):
    _allowed.append(place)
    for action in options_of(commands()[name]):
        if action.option_strings and action.nargs not in ("?", 0, "*"):
            with pytest.raises(SystemExit) as stopped:
                cli.main([*name.split(), action.option_strings[0]])
            assert stopped.value.code == 2
            assert "expected" in capsys.readouterr().err


WORDS: dict[str, list[str]] = {
    "nothing": [], "no command": ["magic"], "empty": [""], "NUL": ["\0"], "surrogate": ["caf\udce9"],
    "long": [LONG * 40],
    "option alone": ["--output", "x"], "unknown option": ["train", "--magic", "1"], "word too many": ["plan", "x"],
    "response file": ["@/etc/passwd"], "surrogate option": ["train", "--caf\udce9", "x"],
}  # fmt: skip


@pytest.mark.parametrize("argv", WORDS.values(), ids=WORDS.keys())
def test_words_that_are_no_command_are_refused(place, capsys, argv):
    _allowed.append(place)
    with pytest.raises(SystemExit) as stopped:
        cli.main(argv)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_crawler_reaches_every_setting():
    from lib_train.config.codec import section_of

    reached = {action.dest.removeprefix("setting_") for action in options_of(commands()["train"])}
    assert set(section_of()) <= reached
