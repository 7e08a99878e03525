"""Languages other than English: their names, and what the program says in them."""

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

from lib_train.texts import worded

FOLDER = Path(__file__).parents[1] / "localizations"
PREFIX = "Train Tools: "
"""Of the keys in these files, which the WebUI reads too: a short word may mean something else elsewhere in it."""
_FILES = {"zh": "zh_CN", "chinese": "zh_CN", "ja": "ja_JP", "japanese": "ja_JP"}


def language_named(name: str) -> str:
    """The file of a language, without its ending; "" is English.

    >>> [language_named(name) for name in ("ja_JP.UTF-8", "zh-TW,zh;q=0.9", "Chinese_China", "C")]
    ['ja_JP', 'zh_CN', 'zh_CN', '']
    """
    return next((file for start, file in _FILES.items() if name.lower().startswith(start)), "")


def in_language(text: str, language: str) -> str:
    """A sentence in a language that ``language_named`` gave."""
    return worded(text, partial(translation_of, language))


def translation_of(language: str, template: str) -> str:
    """The translation of a template; the template itself where there is none."""
    return _catalog(language).get(PREFIX + template) or template


@cache
def _catalog(language: str) -> Mapping[str, str]:
    """Translations by their keys; none for English, and where they are missing."""
    known: dict[str, str] = {}
    with suppress(OSError, ValueError):
        known = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8")) if language else {}
    return known
