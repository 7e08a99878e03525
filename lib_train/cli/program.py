"""All commands under one name, and how each of them ends."""

import argparse
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence

from lib_train.cli import (
    ask,
    blocks,
    captions,
    compare,
    convert,
    crop,
    demo,
    doctor,
    enlarge,
    export,
    extract,
    import_,
    inspect,
    install_embedded,
    judge,
    masks,
    merge,
    mix,
    notes,
    pack,
    pixels,
    plan,
    presets,
    preview,
    queue,
    regularise,
    resize,
    sets,
    sheet,
    sweep,
    tag,
    train,
    ui,
    unpack,
)
from lib_train.cli.console import BAD_INPUT, OK, OUR_FAULT, STOPPED, Stream, streams
from lib_train.cli.language import here
from lib_train.cli.usage import argparse_in_language
from lib_train.errors import TrainToolsError, reason
from lib_train.texts import say

COMMANDS = (
    demo,
    ui,
    train,
    plan,
    presets,
    export,
    doctor,
    preview,
    sheet,
    judge,
    queue,
    sweep,
    pack,
    unpack,
    ask,
    notes,
    compare,
    inspect,
    import_,
    crop,
    pixels,
    enlarge,
    masks,
    sets,
    regularise,
    tag,
    captions,
    resize,
    blocks,
    merge,
    mix,
    extract,
    convert,
    install_embedded,
)
"""In the order in which the help lists them."""

_DASHED = ("--weights", "--filter", "--find", "--with", "--put_back", "--put-back")
"""Options whose value may begin with a minus."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Prints no traceback.

    Raises:
        SystemExit: of argparse, for ``--help`` and for words that are no options.
    """
    with streams() as out:
        try:
            code = _run(argv)
        except SystemExit as stopped:
            if not (_lost(out) and stopped.code in (None, OK)):
                raise
            raise SystemExit(BAD_INPUT) from None
        return BAD_INPUT if _lost(out) and code == OK else code


def _lost(out: Stream) -> bool:
    """Whether output was lost; reports it."""
    out.flush()
    if out.lost:
        _refuse(say("standard output: cannot be written to ({why}); what it said is lost", why=reason(out.lost)))
    return out.lost is not None


def _run(argv: Sequence[str] | None) -> int:
    try:
        options = _parsed(argv)
        warnings.filterwarnings("ignore", module=r"(diffusers|transformers|huggingface_hub|torch|PIL)\b")
        code: int = options.command(options)
    except TrainToolsError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        _refuse(say("interrupted"))
        return STOPPED
    except OSError as error:
        known = isinstance(error.filename, str | bytes)
        name = os.fsdecode(error.filename) if known else say("a file or folder")
        return _refuse(
            say("{name}: cannot be used ({why}); choose another, or check permissions", name=name, why=reason(error))
        )
    except MemoryError:
        return _refuse(say("there is not enough memory; close other programs, or choose smaller settings"))
    except Exception:
        return _own_fault()
    return code


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    words = sys.argv[1:] if argv is None else argv
    with argparse_in_language():
        made = parser()
        if empty := next((word for word in words if word.startswith("--") and word.partition("=")[2] == "--"), None):
            # argparse takes it away and leaves an empty list
            made.error(here(say("{option}: -- is no value", option=empty)))
        return made.parse_args(_with_dashes(words))


def _with_dashes(words: Sequence[str]) -> list[str]:
    """The words, with values such as ``-hat`` joined to their options: argparse takes them for options themselves."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _DASHED and word.startswith("-") and not word.startswith("--"):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _refuse(text: str) -> int:
    sys.stderr.write(f"{here(text)}\n")
    return BAD_INPUT


def _own_fault() -> int:
    """A fault of ours: its details are kept in a file, for a report."""
    with tempfile.NamedTemporaryFile("w", prefix="train-tools-", suffix=".log", delete=False, encoding="utf-8",
                                     errors="replace") as file:  # fmt: skip
        file.write(traceback.format_exc())
    _refuse(
        say("{error!r}\nThis is a fault of Train Tools, not of yours; please report it with {file}",
            error=sys.exc_info()[1], file=file.name)
    )  # fmt: skip
    return OUR_FAULT


def parser() -> argparse.ArgumentParser:
    """Every command with every option."""
    made = argparse.ArgumentParser(
        prog="train-tools",
        description=here(say("Train LoRA networks for Stable Diffusion, and see what each checkpoint learned.")),
        epilog=here(say("{command} explains each command with an example.", command="train-tools <command> --help")),
    )
    commands = made.add_subparsers(required=True, metavar="command")
    for command in COMMANDS:
        command.add_to(commands)
    return made
