"""The language of the person at the command line, and sentences worded in it."""

import json
import locale
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from lib_train.texts import worded

FOLDER = Path(__file__).parents[2] / "localizations"
PREFIX = "Train Tools: "
"""Of the keys in these files, which the WebUI reads too: a short word may mean something else elsewhere in it."""
_FILES = {"zh": "zh_CN", "chinese": "zh_CN", "ja": "ja_JP", "japanese": "ja_JP"}
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def here(text: str) -> str:
    """A sentence in the language of this process; English where standard output or error lacks the letters."""
    return worded(text, _translated)


def language_of(variables: Mapping[str, str], system: str | None = None) -> str:
    """The file of a person's language, without its ending; "" is English.

    Args:
        system: name of the language that the system has, for where no variable says one.

    >>> language_of({"LANG": "ja_JP.UTF-8"}), language_of({"LC_ALL": "C", "LANG": "ja_JP.UTF-8"})
    ('ja_JP', '')
    >>> language_of({}, "Chinese_China")
    'zh_CN'
    """
    name = next((variables[one] for one in _VARIABLES if variables.get(one)), system or "").lower()
    return next((file for start, file in _FILES.items() if name.startswith(start)), "")


def _translated(template: str) -> str:
    known = _catalog(language_of(os.environ, _of_system()))
    words = known.get(PREFIX + template) or known.get(template) or template
    return words if _can_be_written(words) else template


def _can_be_written(words: str) -> bool:
    try:
        for stream in (sys.stdout, sys.stderr):
            words.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _of_system() -> str | None:
    """The language of Windows or macOS; elsewhere the variables say it."""
    return locale.getlocale()[0] if sys.platform in ("win32", "darwin") else None


@cache
def _catalog(language: str) -> Mapping[str, str]:
    """Translations by their keys; none for English, and where they are missing."""
    known: dict[str, str] = {}
    with suppress(OSError, ValueError):
        known = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8")) if language else {}
    return known
