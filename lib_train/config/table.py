"""Settings and presets as the README shows them, from where they are declared.

``python -m lib_train.config.table README.md`` writes them between the two marks.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib_train.config.fields import Option, options_of
from lib_train.config.presets import PRESETS
from lib_train.config.queue import QueueConfig
from lib_train.config.regularisation import RegularisationConfig
from lib_train.config.run import SECTIONS
from lib_train.config.tagging import TaggingConfig
from lib_train.config.wording import spelled

_OTHERS = {"tagging": TaggingConfig, "regularisation": RegularisationConfig, "queue": QueueConfig}
BEGIN, END = "<!-- settings:begin -->", "<!-- settings:end -->"


def table() -> str:
    """All settings as Markdown tables, one for each section, and the presets."""
    lines = []
    for name, kind in {**SECTIONS, **_OTHERS}.items():
        rows = [(f"`{o.name}`", _text_of(o.default), o.help + _limits(o)) for o in options_of(kind)]
        lines += [f"### {name.capitalize()}", "", *_table(("setting", "default", "meaning"), rows), ""]
    rows = [
        (
            f"`{name}`",
            f"{preset.title}. {preset.about}",
            ", ".join(f"{key} {_text_of(value)}" for key, value in preset.settings.items()),
        )
        for name, preset in PRESETS.items()
    ]
    return "\n".join([*lines, "### Presets", "", *_table(("preset", "for", "settings"), rows), ""])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    lines = [head, ["---"] * len(head), *escaped]
    return [f"| {' | '.join(line)} |" for line in lines]


def _text_of(value: Any) -> str:
    if value is None or value in ((), "", {}):
        return "empty"
    if isinstance(value, tuple):
        return "`" + ",".join(_word(part) for part in value) + "`"
    return f"`{_word(value)}`"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return spelled(value) if isinstance(value, int | float) else str(value)


def _limits(option: Option) -> str:
    if option.choices:
        return " One of " + ", ".join(f"`{choice}`" for choice in option.choices) + "."
    if option.low is not None and option.high is not None:
        return f" {spelled(option.low)} to {spelled(option.high)}."
    return "" if option.low is None else f" At least {spelled(option.low)}."


def renewed(text: str) -> str:
    """A Markdown text with the table between its two marks made anew."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{table()}\n{END}{after}"


def main() -> None:
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
