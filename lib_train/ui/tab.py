"""The tab: project row, three pages of inputs, the run panel beside them, checkpoints below.

Inputs are gradio's. What moves while a job goes on (panel, pictures, checkpoints) are empty places that
javascript/tt/ fills from the routes, so that a reloaded page or a second browser shows the same.
"""

import json
from collections.abc import Sequence
from typing import Any

import gradio as gr

from lib_train.app.projects import Projects
from lib_train.ui.form import Form
from lib_train.ui.handlers import CHOICES, EMPTY, KEY, Handlers, told

_SCRIPTS_MS = 30_000
"""Longest wait for the page's scripts, which may come later than gradio."""
_GALLERY = (
    '<div class="tt-pictures"><div class="tt-gallery"></div>'
    '<aside class="tt-drawer" tabindex="-1" hidden></aside></div>'
)


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
    said = gr.HTML("" if names else told(EMPTY), elem_id="train_tools_said")
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
                        CHOICES,
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
        '<div class="tt-graph" hidden></div>'
        '<section class="tt-queue" aria-label="Queue" hidden></section>'
        '<img class="tt-latest" alt="Newest preview" hidden><div class="tt-messages"></div></div>'
    )


def _names(form: Form) -> str:
    return f'<script type="application/json" class="tt-names">{json.dumps(list(form.inputs))}</script>'


def _unsaved(component: Any) -> Any:
    component.do_not_save_to_config = True  # a project keeps it, not the WebUI
    return component


def _wire(blocks: gr.Blocks, projects: Projects, form: Form, project: Any, version: Any, notes: Any, said: Any) -> None:
    inputs = list(form.inputs.values())
    kept = [*inputs, form.preset]  # with the version
    do = Handlers(projects, form)
    outputs = [project, version, notes, said, *kept]
    with gr.Row(elem_id="train_tools_unseen"):  # gradio leaves out what is not visible, so style.css hides it
        action, text, go = gr.Textbox(), gr.Textbox(), gr.Button(elem_id="train_tools_go")
        again, over = gr.Button(elem_id="train_tools_back"), gr.Button(elem_id="train_tools_over")
        key = gr.Textbox(value=KEY)
    for component in (action, text, go, again, over, key):
        _unsaved(component)
    taken = """(a, p, v, t, k) => {
        const [act, text, of] = window.trainTools.taken();
        return [act, of ? of.project : p, of ? of.version : v, text, k];
    }"""
    go.click(do.acted, [action, project, version, text, key], outputs, show_progress="hidden", _js=taken)
    project.input(do.chosen, [project, version], outputs, show_progress="hidden")
    version.input(do.chosen, [project, version], outputs, show_progress="hidden")
    notes.blur(do.noted, [project, notes, key], said, show_progress="hidden")
    form.preset.input(do.preset, [form.preset, *inputs], inputs, show_progress="hidden")
    wanted = "(s, n) => [window.trainTools.wanted(), n]"
    again.click(do.back, [text, form.preset], inputs, show_progress="hidden", _js=wanted)
    everything, changed = [project, version, *kept], "(...all) => { window.trainTools?.changed(all); return []; }"
    for component in everything:
        component.change(None, everything, None, _js=changed)
    names = "(n, p, v) => [window.trainTools.elsewhere(), p, v]"
    shown = over.click(do.taken_over, [text, project, version], kept, show_progress="hidden", _js=names)
    shown.then(None, everything, None, _js="(...all) => { window.trainTools?.tookOver(all); return []; }")
    last = f"""async (p, v) => {{
        const ends = Date.now() + {_SCRIPTS_MS};
        while (!window.trainTools && Date.now() < ends) await new Promise((done) => setTimeout(done, 50));
        return window.trainTools ? window.trainTools.remembered(p, v) : [p, v];
    }}"""
    shown = blocks.load(do.chosen, [project, version], outputs, show_progress="hidden", _js=last)
    shown.then(None, everything, None, _js=changed)
