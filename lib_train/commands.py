"""Commands that messages name, as they are typed into a shell."""

from pathlib import Path

_CHECKOUT = Path(__file__).parents[1]


def quoted(text: str) -> str:
    """A word as it is typed into a shell."""
    return f'"{text}"' if " " in text else text


def make_command(target: str) -> str:
    """The command by which the project's own files install what a target needs; empty where it lies in no checkout."""
    if not (_CHECKOUT / "Makefile").is_file():
        return ""
    where = [] if Path.cwd() == _CHECKOUT else ["-C", quoted(str(_CHECKOUT))]
    return " ".join(["make", *where, target])
