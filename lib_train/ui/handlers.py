"""What the tab's inputs do when somebody uses them: values in, gradio's updates out."""

import json
import secrets
from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from lib_train.app.kept import DEFAULT
from lib_train.app.projects import Projects
from lib_train.config.presets import DEFAULTS, PRESETS, named_by, preset_config
from lib_train.error_json import without_root
from lib_train.errors import PageError, TrainToolsError
from lib_train.ui.form import Form

KEY = secrets.token_urlsafe(16)
"""Of this process. gradio's routes take orders from any page, which can give them blindly; but it cannot read ours."""
CHOICES = [DEFAULTS, *PRESETS]
"""Names to choose a preset from."""
CLOSED = "Cannot be opened"
"""Above what stands in the output folder and is no project."""
EMPTY = "No project yet: press New beside Project to make one."
_LISTED = 10


class Handlers:
    """Those of one tab."""

    def __init__(self, projects: Projects, form: Form) -> None:
        self._projects, self._form = projects, form

    def chosen(self, name: str | None, wanted: str | None) -> list[Any]:
        """Everything that a project and version show; the newest version where ``wanted`` is none of it."""
        projects = self._projects
        names = projects.names()
        name = name if name in names else (names[0] if names else None)
        versions = projects.versions(name) if name else []
        wanted = wanted if wanted in versions else (versions[-1] if versions else None)
        about, settings, texts = "", DEFAULT, [] if name else [EMPTY]
        try:
            settings = projects.kept(name, wanted)
        except TrainToolsError as error:
            texts.append(without_root(str(error), projects.root))
        try:
            about = projects.notes(name) if name else ""
        except TrainToolsError as error:
            texts.append(without_root(str(error), projects.root))
        return [
            gr.update(choices=names, value=name), gr.update(choices=versions, value=wanted), about,
            told("\n".join(texts)) + _greyed(projects.closed(name)),
            *self._form.shown(settings.config, settings.drafts), _taken(settings.config.preset),
        ]  # fmt: skip

    def acted(self, action: str, name: str | None, wanted: str | None, text: str, key: str) -> list[Any]:
        """Do something to a project or version, and show what is chosen then; only why not, where it cannot be done."""
        try:
            _require_own(key)
            if action != "show":
                name, wanted = self._projects.act(action, name or "", wanted or "", text)
        except TrainToolsError as error:
            unchanged = [gr.update() for _ in (*self._form.inputs, "preset")]
            return [gr.update(), gr.update(), gr.update(), self._refusal(error), *unchanged]
        return self.chosen(name, wanted)

    def noted(self, name: str | None, about: str, key: str) -> Any:
        """Keep a project's notes."""
        try:
            _require_own(key)
            self._projects.keep_notes(name, about)
        except TrainToolsError as error:
            return self._refusal(error)
        return gr.update()

    def preset(self, name: str | None, *values: Any) -> list[Any]:
        """The form with a preset's settings."""
        try:
            given = dict(zip(self._form.inputs, values, strict=True))
            return self._form.shown(self._projects.with_preset(name or "", given))
        except TrainToolsError:
            return [gr.update() for _ in self._form.inputs]  # what is wrong stands in the plan

    def taken_over(self, names: str, name: str | None, wanted: str | None) -> list[Any]:
        """What was changed elsewhere; ``names`` is JSON. Inputs of other settings stay as they are."""
        try:
            settings = self._projects.kept(name, wanted)
        except TrainToolsError:  # stands in the plan
            return [gr.update() for _ in (*self._form.inputs, "preset")]
        shown = zip(self._form.inputs, self._form.shown(settings.config, settings.drafts), strict=True)
        changed = json.loads(names)
        return [*(update if key in changed else gr.update() for key, update in shown),
                _taken(settings.config.preset) if "preset" in changed else gr.update()]  # fmt: skip

    def back(self, setting: str, name: str | None) -> list[Any]:
        """One setting as the preset has it, or all that it names."""
        wanted = {setting} if setting else named_by(name) if name else ()
        shown = zip(self._form.inputs, self._form.shown(preset_config(name or "")), strict=True)
        return [update if key in wanted else gr.update() for key, update in shown]

    def _refusal(self, error: TrainToolsError) -> str:
        return told(without_root(str(error), self._projects.root))


def told(text: str) -> str:
    """A sentence below the project row; nothing for an empty one."""
    return f'<div class="tt-said">{escape(text)}</div>' if text else ""


def _taken(preset: str) -> Any:
    return gr.update(value=preset if preset in CHOICES else None)


def _require_own(key: str) -> None:
    """See to it that an order comes from a page of this process.

    Raises:
        PageError: it does not.
    """
    if not isinstance(key, str) or not secrets.compare_digest(key.encode(errors="replace"), KEY.encode()):
        raise PageError("this page is older than the program that it asks, or not ours: reload it")


def _greyed(closed: Sequence[str]) -> str:
    """Projects and versions that cannot be opened, and why; no more of them than one can read."""
    more = [f"and {len(closed) - _LISTED} more"] if len(closed) > _LISTED else []
    lines = "".join(f"<div>{escape(line)}</div>" for line in [*closed[:_LISTED], *more])
    return f'<div class="tt-said tt-closed"><b>{CLOSED}</b>{lines}</div>' if closed else ""
