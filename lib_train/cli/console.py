"""Exit codes, and lines for the person in front."""

import sys

OK, OUR_FAULT, BAD_INPUT, STOPPED = 0, 1, 2, 130


def say(text: str) -> None:
    """A line for the person in front."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def quoted(text: str) -> str:
    """A word as it is typed into a shell."""
    return f'"{text}"' if " " in text else text
