"""The language of the person at the command line."""

import locale
import os
import sys
from collections.abc import Mapping

from lib_train.languages import language_named, translation_of
from lib_train.texts import worded

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def here(text: str) -> str:
    """A sentence in the language of this process; English where standard output or error lacks the letters."""
    return worded(text, _translated)


def own_language() -> str:
    """The language of this process, for what it writes into files; see ``language_named``."""
    return language_of(os.environ, _of_system())


def language_of(variables: Mapping[str, str], system: str | None = None) -> str:
    """See ``language_named``.

    Args:
        system: name of the language that the system has, for where no variable says one.

    >>> language_of({"LANG": "ja_JP.UTF-8"}), language_of({"LC_ALL": "C", "LANG": "ja_JP.UTF-8"})
    ('ja_JP', '')
    >>> language_of({}, "Chinese_China")
    'zh_CN'
    """
    return language_named(next((variables[one] for one in _VARIABLES if variables.get(one)), system or ""))


def _translated(template: str) -> str:
    words = translation_of(own_language(), template)
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
