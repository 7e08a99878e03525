"""The tab: project row, three pages of inputs, the run panel beside them, checkpoints below.

Inputs are gradio's. What moves while a job goes on (panel, pictures, checkpoints) are empty places that
javascript/train_tools.js fills from the routes, so that a reloaded page or a second browser shows the same.
"""

import json
import secrets
from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from lib_train.app.answers import plainly
from lib_train.app.kept import DEFAULT
from lib_train.app.projects import Projects
from lib_train.config.presets import DEFAULTS, PRESETS, named_by, preset_config
from lib_train.errors import PageError, TrainToolsError
from lib_train.ui.form import Form

_GALLERY = (
    '<div class="tt-pictures"><div class="tt-gallery"></div>'
    '<aside class="tt-drawer" tabindex="-1" hidden></aside></div>'
)
_CHOICES = [DEFAULTS, *PRESETS]
_KEY = secrets.token_urlsafe(16)
"""Of this process. gradio's routes take orders from any page, which can give them blindly; but it cannot read ours."""
CLOSED = "Cannot be opened"
"""Above what stands in the output folder and is no project."""
_LISTED = 10
_EMPTY = "No project yet: press New beside Project to make one."


def build(projects: Projects, samplers: Sequence[str] = ()) -> gr.Blocks:
    """The tab's blocks. Everything that decides is in ``projects`` and behind the routes.

    Args:
        samplers: names to choose a preview's sampler from; none lets it be typed.
    """
    with gr.Blocks(analytics_enabled=False) as blocks:
        with gr.Column(elem_id="train_tools_root"):
            project, version, notes, said = _project_row(projects)
            form = Form(samplers)
            with gr.Row(elem_id="train_tools_main"):
                with gr.Column(scale=3, min_width=420, elem_id="train_tools_left"):
                    _pages(form)
                with gr.Column(scale=2, min_width=340, elem_id="train_tools_right"):
                    gr.HTML(_panel(), elem_id="train_tools_panel")
            gr.HTML('<div class="tt-checkpoints"></div>', elem_id="train_tools_checkpoints")
        gr.HTML(_names(form), visible=True, elem_id="train_tools_names")
        _wire(blocks, projects, form, project, version, notes, said)
    return blocks


def _project_row(projects: Projects) -> tuple[Any, Any, Any, Any]:
    with gr.Row(elem_id="train_tools_project_row", variant="compact"):
        names = projects.names()
        chosen = names[0] if names else None
        versions = projects.versions(chosen) if chosen else []
        with gr.Column(scale=3, min_width=170):
            project = _unsaved(gr.Dropdown(names, value=chosen, label="Project", elem_id="train_tools_project"))
        with gr.Column(scale=0, min_width=0, elem_classes="tt-buttons"):
            gr.HTML(_buttons("project"))
        with gr.Column(scale=3, min_width=160):
            version = _unsaved(gr.Dropdown(versions, value=versions[-1] if versions else None, label="Version",
                                           elem_id="train_tools_version"))  # fmt: skip
        with gr.Column(scale=0, min_width=0, elem_classes="tt-buttons"):
            gr.HTML(_buttons("version"))
        with gr.Column(scale=4, min_width=200):
            notes = _unsaved(gr.Textbox(label="Notes", lines=1, max_lines=3, elem_id="train_tools_notes",
                                        placeholder="What this project is about"))  # fmt: skip
    said = gr.HTML("" if names else _told(_EMPTY), elem_id="train_tools_said")
    return project, version, notes, said


def _buttons(what: str) -> str:
    actions = ("create", "rename", "delete") if what == "project" else ("create", "copy", "rename", "delete")
    labels = {"create": "New", "copy": "Copy", "rename": "Rename", "delete": "Delete"}
    return "".join(
        f'<button class="tt-tool gradio-button" data-act="{action}-{what}" aria-label="{labels[action]} {what}">'
        f"{labels[action]}</button>"
        for action in actions
    )


def _pages(form: Form) -> None:
    with gr.Tabs(elem_id="train_tools_pages"):
        with gr.TabItem("Pictures", id="pictures"):
            gr.HTML(_drop_zone(), elem_id="train_tools_upload")
            form.basics("dataset")
            gr.HTML(_GALLERY, elem_id="train_tools_pictures")
            form.groups("dataset")
        with gr.TabItem("Settings", id="settings"):
            with gr.Row():
                form.preset = _unsaved(
                    gr.Dropdown(
                        _CHOICES,
                        value=None,
                        label="Preset",
                        elem_id="train_tools_preset",
                        info="Settings known to work; taking one replaces what it names.",
                    )  # fmt: skip
                )
                gr.HTML('<div class="tt-preset"></div>', elem_id="train_tools_preset_state")
            form.basics("network")
            form.basics("training")
            form.groups("network")
            form.groups("training")
        with gr.TabItem("Previews", id="previews"):
            form.basics("preview")
            form.groups("preview")


def _drop_zone() -> str:
    return (
        '<div class="tt-drop" tabindex="0" role="button" aria-label="Add pictures">'
        '<input type="file" multiple accept=".png,.jpg,.jpeg,.webp,.bmp,.avif,.txt,.caption" hidden>'
        "<b>Drop pictures or folders here</b> with their .txt captions, or click to choose"
        '<span class="tt-fine">They are trained <label>× <input class="tt-repeats" type="number" min="1" max="10000" '
        'value="10" aria-label="Repeats"></label> an epoch. Or give folders below.</span></div>'
        '<div class="tt-taken tt-fine" role="status"></div>'
    )


def _panel() -> str:
    return (
        '<div class="tt-panel"><div class="tt-gone" role="alert" hidden></div>'
        '<div class="tt-base"></div><div class="tt-plan" aria-live="polite"></div>'
        '<div class="tt-run-buttons">'
        '<button class="lg primary gradio-button" data-act="train">Train</button>'
        '<button class="lg stop gradio-button" data-act="stop" hidden>Stop and save</button>'
        '<button class="lg secondary gradio-button" data-act="add" hidden>Add to queue</button>'
        '<button class="lg secondary gradio-button" data-act="resume" hidden>Resume</button></div>'
        '<div class="tt-run-buttons tt-now" hidden>'
        '<button class="lg secondary gradio-button" data-act="pause">Pause</button>'
        '<button class="lg secondary gradio-button" data-act="continue" hidden>Continue</button>'
        '<button class="lg secondary gradio-button" data-act="sample">Sample now</button></div>'
        '<div class="tt-other" role="status" hidden></div>'
        '<div class="tt-error" role="alert" hidden></div><div class="tt-outcome" role="status" hidden></div>'
        '<div class="tt-bar" role="progressbar" hidden><div></div><span></span></div>'
        '<div class="tt-figures"></div>'
        '<div class="tt-graph"><canvas class="tt-curve" height="150" tabindex="0" role="img" '
        'aria-label="Loss curve; arrow keys go from step to step" hidden></canvas>'
        '<output class="tt-readout" aria-live="polite" hidden></output></div>'
        '<section class="tt-queue" aria-label="Queue" hidden></section>'
        '<img class="tt-latest" alt="Newest preview" hidden><div class="tt-messages"></div></div>'
    )


def _names(form: Form) -> str:
    return f'<script type="application/json" class="tt-names">{json.dumps(list(form.inputs))}</script>'


def _unsaved(component: Any) -> Any:
    component.do_not_save_to_config = True  # a project keeps it, not the WebUI
    return component


def _taken(preset: str) -> Any:
    return gr.update(value=preset if preset in _CHOICES else None)


def _told(text: str) -> str:
    return f'<div class="tt-said">{escape(text)}</div>' if text else ""


def _require_own(key: str) -> None:
    """See to it that an order comes from a page of this process.

    Raises:
        PageError: it does not.
    """
    if not isinstance(key, str) or not secrets.compare_digest(key.encode(errors="replace"), _KEY.encode()):
        raise PageError("this page is older than the program that it asks, or not ours: reload it")


def _greyed(closed: Sequence[str]) -> str:
    """Projects and versions that cannot be opened, and why; no more of them than one can read."""
    more = [f"and {len(closed) - _LISTED} more"] if len(closed) > _LISTED else []
    lines = "".join(f"<div>{escape(line)}</div>" for line in [*closed[:_LISTED], *more])
    return f'<div class="tt-said tt-closed"><b>{CLOSED}</b>{lines}</div>' if closed else ""


def _wire(blocks: gr.Blocks, projects: Projects, form: Form, project: Any, version: Any, notes: Any, said: Any) -> None:
    inputs = list(form.inputs.values())
    kept = [*inputs, form.preset]  # with the version

    def chosen(name: str | None, wanted: str | None) -> list[Any]:
        """Everything that a project and version show; the newest version where ``wanted`` is none of it."""
        names = projects.names()
        name = name if name in names else (names[0] if names else None)
        versions = projects.versions(name) if name else []
        wanted = wanted if wanted in versions else (versions[-1] if versions else None)
        about, settings, texts = "", DEFAULT, [] if name else [_EMPTY]
        try:
            settings = projects.kept(name, wanted)
        except TrainToolsError as error:
            texts.append(plainly(str(error), projects.root))
        try:
            about = projects.notes(name) if name else ""
        except TrainToolsError as error:
            texts.append(plainly(str(error), projects.root))
        return [
            gr.update(choices=names, value=name), gr.update(choices=versions, value=wanted), about,
            _told("\n".join(texts)) + _greyed(projects.closed(name)),
            *form.shown(settings.config, settings.drafts), _taken(settings.config.preset),
        ]  # fmt: skip

    def acted(action: str, name: str | None, wanted: str | None, text: str, key: str) -> list[Any]:
        try:
            _require_own(key)
            if action != "show":
                name, wanted = projects.act(action, name or "", wanted or "", text)
        except TrainToolsError as error:
            return [
                gr.update(),
                gr.update(),
                gr.update(),
                _told(plainly(str(error), projects.root)),
                *(gr.update() for _ in kept),
            ]
        return chosen(name, wanted)

    def noted(name: str | None, about: str, key: str) -> Any:
        try:
            _require_own(key)
            projects.keep_notes(name, about)
        except TrainToolsError as error:
            return _told(plainly(str(error), projects.root))
        return gr.update()

    def preset(name: str | None, *values: Any) -> list[Any]:
        try:
            return form.shown(projects.with_preset(name or "", dict(zip(form.inputs, values, strict=True))))
        except TrainToolsError:
            return [gr.update() for _ in inputs]  # what is wrong stands in the plan

    def taken_over(names: str, name: str | None, wanted: str | None) -> list[Any]:
        """What was changed elsewhere; ``names`` is JSON. Inputs of other settings stay as they are."""
        try:
            settings = projects.kept(name, wanted)
        except TrainToolsError:  # stands in the plan
            return [gr.update() for _ in kept]
        shown = zip(form.inputs, form.shown(settings.config, settings.drafts), strict=True)
        changed = json.loads(names)
        return [*(update if key in changed else gr.update() for key, update in shown),
                _taken(settings.config.preset) if "preset" in changed else gr.update()]  # fmt: skip

    def back(setting: str, name: str | None) -> list[Any]:
        """One setting as the preset has it, or all that it names."""
        wanted = {setting} if setting else named_by(name or "")
        shown = zip(form.inputs, form.shown(preset_config(name or "")), strict=True)
        return [update if key in wanted else gr.update() for key, update in shown]

    outputs = [project, version, notes, said, *kept]
    with gr.Row(elem_id="train_tools_unseen"):  # gradio leaves out what is not visible, so style.css hides it
        action, text, go = gr.Textbox(), gr.Textbox(), gr.Button(elem_id="train_tools_go")
        again, over = gr.Button(elem_id="train_tools_back"), gr.Button(elem_id="train_tools_over")
        key = gr.Textbox(value=_KEY)
    for component in (action, text, go, again, over, key):
        _unsaved(component)
    taken = """(a, p, v, t, k) => {
        const [act, text, of] = window.trainTools.taken();
        return [act, of ? of.project : p, of ? of.version : v, text, k];
    }"""
    go.click(acted, [action, project, version, text, key], outputs, show_progress="hidden", _js=taken)
    project.input(chosen, [project, version], outputs, show_progress="hidden")
    version.input(chosen, [project, version], outputs, show_progress="hidden")
    notes.blur(noted, [project, notes, key], said, show_progress="hidden")
    form.preset.input(preset, [form.preset, *inputs], inputs, show_progress="hidden")
    wanted = "(s, n) => [window.trainTools.wanted(), n]"
    again.click(back, [text, form.preset], inputs, show_progress="hidden", _js=wanted)
    everything, changed = [project, version, *kept], "(...all) => { window.trainTools?.changed(all); return []; }"
    for component in everything:
        component.change(None, everything, None, _js=changed)
    names = "(n, p, v) => [window.trainTools.elsewhere(), p, v]"
    shown = over.click(taken_over, [text, project, version], kept, show_progress="hidden", _js=names)
    shown.then(None, everything, None, _js="(...all) => { window.trainTools?.tookOver(all); return []; }")
    last = "(p, v) => window.trainTools ? window.trainTools.remembered(p, v) : [p, v]"
    shown = blocks.load(chosen, [project, version], outputs, show_progress="hidden", _js=last)
    shown.then(None, everything, None, _js=changed)
