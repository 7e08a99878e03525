"""The settings table of the README, from the declarations: ``python -m lib_train.config.table README.md``."""

import sys
from pathlib import Path
from typing import Any

from lib_train.config.fields import Option, options_of
from lib_train.config.run import SECTIONS

BEGIN, END = "<!-- settings:begin -->", "<!-- settings:end -->"


def table() -> str:
    """All settings as Markdown tables, one for each section."""
    lines = []
    for name, kind in SECTIONS.items():
        lines += [f"### {name.capitalize()}", "", "| setting | default | meaning |", "|---|---|---|"]
        for option in options_of(kind):
            lines.append(f"| `{option.name}` | {_shown(option.default)} | {option.help}{_limits(option)} |")
        lines.append("")
    return "\n".join(lines)


def _shown(value: Any) -> str:
    if value is None or value in ((), "", {}):
        return "empty"
    if isinstance(value, tuple):
        return "`" + ",".join(f"{part:g}" if isinstance(part, float) else str(part) for part in value) + "`"
    return (
        f"`{value:g}`" if isinstance(value, float) else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )


def _limits(option: Option) -> str:
    if option.choices:
        return " One of " + ", ".join(f"`{choice}`" for choice in option.choices) + "."
    if option.low is not None and option.high is not None:
        return f" {option.low:g} to {option.high:g}."
    return "" if option.low is None else f" At least {option.low:g}."


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
