"""What argparse itself says, in the language of the person."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from lib_train.cli.language import here
from lib_train.texts import Text, say

_KNOWN = frozenset(
    (
        say("usage:"),
        say("options"),
        say("positional arguments"),
        say("show this help message and exit"),
        say("%(prog)s: error: %(message)s"),
        say("argument %(argument_name)s: %(message)s"),
        say("invalid choice: %(value)r (choose from %(choices)s)"),
        say("invalid %(type)s value: %(value)r"),
        say("the following arguments are required: %s"),
        say("unrecognized arguments: %s"),
        say("expected one argument"),
        say("expected at most one argument"),
        say("expected at least one argument"),
        say("ignored explicit argument %r"),
    )
)


@contextmanager
def argparse_in_language() -> Iterator[None]:
    """While entered, argparse's own words are translated: it looks each up by the gettext that it has imported."""
    before = argparse._  # type: ignore[attr-defined]
    argparse._ = _translated  # type: ignore[attr-defined]
    try:
        yield
    finally:
        argparse._ = before  # type: ignore[attr-defined]


def _translated(message: str) -> str:
    words = message.strip()
    return message.replace(words, here(Text(words, {}))) if words in _KNOWN else message
