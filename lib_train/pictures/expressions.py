"""Search and replace by regular expression, which ends in time whatever a person wrote."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lib_train.errors import ConfigError, MissingPackage, Problem
from lib_train.texts import say

_LONGEST = 1000
"""Signs of an expression, or of what it is replaced with."""
_LONGEST_TEXT = 2**16
"""Signs of a caption: matches of a longer one could fill the memory."""
_SECONDS = 5.0
"""For all captions of one edit together."""


def substitution(find: str, to: str, *, ignore_case: bool = False, seconds: float = _SECONDS) -> Callable[[str], str]:
    r"""Replaces each match in a text; ``\1`` and ``\g<name>`` in ``to`` are groups.

    Other threads go on meanwhile. Python's ``re`` could neither be stopped nor let them.

    Args:
        seconds: in which all texts together must be done.

    Raises:
        ConfigError: the expression cannot be used; the function raises it too, when it takes too long.
        MissingPackage: ``regex`` is not installed.
    """
    try:
        import regex
    except ImportError as error:
        raise MissingPackage("regex", say("replacing by regular expression")) from error
    for name, text in (("find", find), ("to", to)):
        if len(text) > _LONGEST:
            raise _refused(name, text, say("has more than {most} signs; shorten it", most=_LONGEST))
    with _named("find", find, regex.error):
        pattern = regex.compile(find, regex.IGNORECASE if ignore_case else 0)
    end = time.monotonic() + seconds

    def substituted(text: str) -> str:
        if len(text) > _LONGEST_TEXT:
            raise _refused("find", find, say("a caption is too long for expressions; replace plain text in it"))
        try:
            with _named("to", to, regex.error):
                return str(pattern.sub(to, text, timeout=max(end - time.monotonic(), 1e-3), concurrent=True))
        except TimeoutError as error:
            why = say("takes too long on these captions; make it simpler, above all repeats inside of repeats")
            raise _refused("find", find, why) from error

    return substituted


@contextmanager
def _named(name: str, text: str, unreadable: type[Exception]) -> Iterator[None]:
    """Turns what a regular expression can end with into errors that name it."""
    try:
        yield
    except (unreadable, RecursionError, OverflowError, IndexError, ValueError) as error:
        raise _refused(name, text, say("is no regular expression ({why})", why=error)) from error


def _refused(name: str, value: str, remedy: str) -> ConfigError:
    return ConfigError([Problem(name, value, remedy)])
