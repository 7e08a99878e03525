"""An axis of the WebUI's script "X/Y/Z plot" whose values are checkpoints of Train Tools."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from modules import scripts

LABEL = "Train Tools checkpoint"
NONE = "None"
"""The value without any checkpoint."""
_SCRIPT = "xyz_grid.py"
_VALUE = re.compile(r"(.+?)(?::\s*([+-]?(?:\d+\.?\d*|\.\d+)))?\s*")


def add_axis(choices: Callable[[], list[str]], find: Callable[[str], Path], offer: Callable[[Path], None]) -> None:
    """Add the axis to the script, once, wherever the WebUI has it. Called before each page that the WebUI builds.

    Args:
        choices: names of checkpoints.
        find: the file of a name; raises a TrainToolsError where there is none.
        offer: makes a file known to prompts by its stem.
    """
    for script in list(getattr(scripts, "scripts_data", ())):
        module = getattr(script, "module", None)
        options = getattr(module, "axis_options", None)
        if Path(str(getattr(script, "path", ""))).name != _SCRIPT or not isinstance(options, list):
            continue
        if all(getattr(one, "label", "") != LABEL for one in options):
            options.append(_axis(module, choices, find, offer))


def _axis(
    module: Any, choices: Callable[[], list[str]], find: Callable[[str], Path], offer: Callable[[Path], None]
) -> Any:
    def apply(p: Any, value: str, values: Sequence[str]) -> None:
        name, weight = parted(value)
        if name != NONE:
            path = find(name)
            offer(path)
            p.prompt = f"<lora:{path.stem}:{weight:g}>{p.prompt}"  # the tag leaves the prompt as it was

    def confirm(p: Any, values: Sequence[str]) -> None:
        for value in values:
            if (name := parted(value)[0]) != NONE:
                find(name)

    return module.AxisOption(LABEL, str, apply, format_value=lambda p, option, value: value, confirm=confirm,
                             choices=lambda: [NONE, *choices()])  # fmt: skip


def parted(value: str) -> tuple[str, float]:
    """A checkpoint's name, and its weight, 1 where none stands behind a colon; an empty name is none's."""
    match = _VALUE.fullmatch(value.strip())
    return (match[1].strip(), float(match[2] or 1)) if match else ("", 1.0)
