"""Values of settings as a person reads them."""

from typing import Any


def worded(value: Any) -> str:
    """A setting's value as a person reads it.

    >>> worded(None), worded(True), worded((512, 0.5)), worded({"a": 1}), worded("Lion")
    ('empty', 'on', '512, 0.5', 'a=1', 'Lion')
    """
    if value is None or value in ((), "", {}):
        return "empty"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(worded(part) for part in value)
    if isinstance(value, dict):
        return " ".join(f"{name}={content}" for name, content in value.items())
    return spelled(value) if isinstance(value, int | float) else str(value)


def spelled(number: float) -> str:
    """A number as a person writes it: no exponent for whole ones.

    >>> spelled(4294967295), spelled(0.5), spelled(1e-06)
    ('4294967295', '0.5', '1e-06')
    """
    return str(int(number)) if number == int(number) else f"{number:g}"
