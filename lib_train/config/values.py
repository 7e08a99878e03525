"""Values of settings from what forms, files and command lines hold."""

import ast
import json
import math
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from lib_train.config.fields import Option
from lib_train.texts import say

_NAME = re.compile(r"(?:^|(?<=[\s,;]))([A-Za-z_]\w*)\s*=(?!=)")
"""A name with its sign, where a pair begins."""
_NO_LITERAL = re.compile(r"\\|\d(?!e[-+\d])[^\W\d]", re.IGNORECASE)
"""What Python warns of when it reads it as a number or as text."""
_WORDS = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False)


def converted(declared: Option, value: Any) -> Any:
    """``value`` as the setting's type.

    Raises:
        ValueError: says what is expected.
    """
    if value is None or (isinstance(value, str) and not value.strip() and declared.kind is not str):
        if declared.optional:
            return None
        if declared.kind in (tuple, dict):
            return declared.kind()
        raise ValueError(say("must not be empty"))
    if declared.kind is tuple:
        items = [part.strip() for part in value.split(declared.separator)] if isinstance(value, str) else value
        if not isinstance(items, Sequence):
            items = [items]
        return tuple(_scalar(declared.item or str, part) for part in items if part != "")
    if declared.kind is dict:
        return _plain(pairs_of(value))
    found = _scalar(declared.kind, value)
    return None if declared.optional and declared.off is not None and found == declared.off else found


def pairs_of(value: Any) -> dict[str, Any]:
    """Names with values, from a mapping or from words such as ``weight_decay=0.1``, as sd-scripts takes them.

    Spaces around the sign and commas or semicolons between the pairs are no part of them.

    Raises:
        ValueError: says how to write it.

    >>> pairs_of("weight_decay = 0.1, betas=0.9,0.99; decouple=true mode=max")
    {'weight_decay': 0.1, 'betas': (0.9, 0.99), 'decouple': True, 'mode': 'max'}
    """
    if isinstance(value, Mapping):
        return {
            str(name): _literal(content) if isinstance(content, str) else content for name, content in value.items()
        }
    words = value if isinstance(value, Sequence) and all(isinstance(word, str) for word in value) else "?"
    text = _without_quotes(words if isinstance(words, str) else " ".join(words))
    found = list(_NAME.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    pairs = {match[1]: text[match.end() : end].strip(" \t\n,;") for match, end in zip(found, ends, strict=False)}
    if text[: found[0].start() if found else None].strip(" \t\n,;") or not all(pairs.values()):
        raise ValueError(say("write it as name=value, such as weight_decay=0.1"))
    return {name: _literal(content) for name, content in pairs.items()}


def _without_quotes(text: str) -> str:
    try:
        return " ".join(shlex.split(text))
    except ValueError:  # a quotation mark without its second
        return text.replace('"', " ").replace("'", " ")


def _literal(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _NO_LITERAL.search(text):
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text


def _plain(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """The same as it will be read from a file again."""
    try:
        plain: dict[str, Any] = json.loads(json.dumps(pairs, allow_nan=False))
    except (TypeError, ValueError):
        raise ValueError(say("values must be numbers, text, true, false or lists of these")) from None
    return plain


def _scalar(kind: type, value: Any) -> Any:
    if kind is str:
        if not isinstance(value, str):
            raise ValueError(say("must be text"))
        if problem := trouble_in(value):
            raise ValueError(problem)
        return value
    if kind is bool:
        word = str(value).strip().lower()
        if not isinstance(value, bool | str) or word not in _WORDS:
            raise ValueError(say("must be true or false"))
        return _WORDS[word]
    wanted = say("must be a whole number") if kind is int else say("must be a number")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(wanted)
    try:
        number = float(value)
    except ValueError:
        raise ValueError(wanted) from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(say("must be a finite number"))
    if kind is float:
        return number
    if number != int(number):
        raise ValueError(wanted)
    return int(number)


def trouble_in(text: str) -> str | None:
    """What of a text can neither be in a file's name nor be written into a file; None when nothing is."""
    if "\0" in text:
        return say("must not hold a NUL character")
    try:
        text.encode("utf-8", "surrogateescape")  # a name of a file that is no Unicode comes so
    except UnicodeEncodeError:
        return say("must not hold halves of characters")
    return None
