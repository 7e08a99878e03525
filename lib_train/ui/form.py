"""One input for each declared setting."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gradio as gr

from lib_train.config.fields import BASIC, Option, options_of
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.config.shown import shown, shown_all

_TITLES = {
    "dataset": "More folders", "network": "Convolutions and dropout", "rates": "Rates and schedule",
    "length": "Length and batches", "saving": "Saving checkpoints", "cache": "Caches",
    "preview": "Size, and when in a run",
}  # fmt: skip
_LINES = 3  # of an input for several lines


class Form:
    """Inputs by the name of their setting, in declared order."""

    def __init__(self, samplers: Sequence[str] = ()) -> None:
        self._samplers = list(samplers)
        self.inputs: dict[str, Any] = {}
        self.preset: Any = None

    def basics(self, section: str) -> None:
        """Inputs of a section's basic settings, two in a row."""
        self._rows([option for option in options_of(SECTIONS[section]) if option.level == BASIC])

    def groups(self, section: str) -> None:
        """Inputs of a section's advanced settings, a folded group each."""
        groups: dict[str, list[Option]] = {}
        for option in options_of(SECTIONS[section]):
            if option.level != BASIC:
                groups.setdefault(option.group or section, []).append(option)
        for name, options in groups.items():
            title, place = _TITLES.get(name, name.capitalize()), f"train_tools_group_{name.replace(' ', '_')}"
            with gr.Accordion(title, open=False, elem_id=place):
                self._rows(options)

    def _rows(self, options: list[Option]) -> None:
        for start in range(0, len(options), 2):
            with gr.Row():
                for option in options[start : start + 2]:
                    known = self._samplers if option.name == "preview_sampler" else list(option.choices)
                    self.inputs[option.name] = _input(option, known)

    def shown(self, config: RunConfig, drafts: Mapping[str, Any] | None = None) -> list[Any]:
        """What each input shows for these settings, in the order of ``inputs``."""
        values = shown_all(config, drafts)
        many = {name for name, made in self.inputs.items() if getattr(made, "multiselect", False)}
        return [gr.update(value=values[name].split(", ") if name in many else values[name]) for name in self.inputs]


def _input(option: Option, known: list[str]) -> Any:
    label = option.label or option.name.replace("_", " ").capitalize()
    about = {
        "label": label,
        "info": option.help.replace("`", ""),
        "elem_id": f"train_tools_{option.name}",
        "interactive": True,
    }
    value = shown(option, option.default)
    made: Any
    if option.kind is bool:
        made = gr.Checkbox(value=value, **about)
    elif known:
        many = option.kind is tuple
        made = gr.Dropdown(choices=known, value=list(option.default) if many else value, multiselect=many, **about)
    else:
        lines = _LINES if option.separator == "\n" and option.kind is tuple else 1
        made = gr.Textbox(value=value, lines=lines, max_lines=max(lines, 4), placeholder=_placeholder(option), **about)
    made.do_not_save_to_config = True  # the version keeps it, not the WebUI
    return made


def _placeholder(option: Option) -> str:
    if option.kind is dict:
        return "name=value name=value"
    if option.name == "preview_prompts":
        return "such as: mochi, smile"
    return "empty" if option.optional or option.kind is tuple else ""


def names() -> Iterator[str]:
    """All settings that a form has inputs for."""
    for kind in SECTIONS.values():
        for option in options_of(kind):
            yield option.name
