"""What is left of a file of another program while its settings are put under our names."""

from dataclasses import dataclass, field
from typing import Any

from lib_train.errors import Problem

_OFF_WORDS = frozenset({"", "0", "false", "none", "no", "off"})
ON_WORDS = frozenset({"1", "true", "yes", "on"})


@dataclass
class Work:
    """State of reading a file: keys that are left, and notes on the others."""

    left: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, name: str) -> Any:
        """A key that is left no longer; None where there is none."""
        return self.left.pop(name, None)


def off(value: Any) -> bool:
    """Whether it means off, or nothing, in these programs."""
    if isinstance(value, str):
        return value.strip().lower() in _OFF_WORDS
    return value in (None, False, 0, [], {})
