import json
import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    gr = pytest.importorskip("gradio", reason="the tab's packages are not installed")

from lib_train.app.projects import Projects
from lib_train.config.codec import config_of
from lib_train.config.fields import options_of
from lib_train.config.presets import PRESETS
from lib_train.config.run import SECTIONS
from lib_train.ui.form import Form
from lib_train.ui.tab import build

pytestmark = pytest.mark.filterwarnings("ignore")  # gradio's own, of which there are many


def form(samplers=()):
    made = Form(samplers)
    with gr.Blocks(analytics_enabled=False):
        for section in SECTIONS:
            made.basics(section)
            made.groups(section)
    return made


def test_every_declared_setting_has_one_input():
    names = [option.name for kind in SECTIONS.values() for option in options_of(kind)]
    assert sorted(form().inputs) == sorted(names)


@pytest.mark.parametrize("name", ["defaults", *PRESETS])
def test_what_inputs_show_gives_the_same_settings_back(name):
    config = config_of(PRESETS[name].settings if name in PRESETS else {"optimizer_args": {"weight_decay": 0.1}})
    made = form()
    values = {key: update["value"] for key, update in zip(made.inputs, made.shown(config), strict=True)}
    assert config_of(values) == config
    assert values["learning_rate"] == "0.0001"


def test_samplers_are_chosen_from_the_host_s_and_there_may_be_many():
    made = form(["Euler", "Euler a", "DDIM"])
    assert made.inputs["preview_sampler"].multiselect
    values = dict(zip(made.inputs, made.shown(config_of({"preview_sampler": "DDIM, Euler"})), strict=True))
    assert values["preview_sampler"]["value"] == ["DDIM", "Euler"]
    assert config_of({"preview_sampler": ["DDIM", "Euler"]}).preview.preview_sampler == ("DDIM", "Euler")


def test_tab_builds_without_projects_and_with_them_and_saves_nothing_to_the_webui(tmp_path):
    projects = Projects(tmp_path)
    for name in ("p", "q"):
        blocks = build(projects)
        kept = (gr.Textbox, gr.Dropdown, gr.Checkbox, gr.Number)
        inputs = [block for block in blocks.blocks.values() if isinstance(block, kept)]
        assert len(inputs) > 60
        assert all(getattr(block, "do_not_save_to_config", False) for block in inputs)
        projects.act("create-project", "", "", name)


def test_no_handler_needs_the_queue(tmp_path):
    blocks = build(Projects(tmp_path))
    assert all(not dependency["types"]["generator"] for dependency in blocks.dependencies)
    assert all(not function.tracks_progress for function in blocks.fns)


def names_in(blocks):
    text = next(b.value for b in blocks.blocks.values() if "tt-names" in str(getattr(b, "value", "")))
    return json.loads(text[text.index("[") : text.rindex("]") + 1])


def test_way_back_to_the_preset_changes_one_setting_or_all_that_it_names(tmp_path):
    blocks = build(Projects(tmp_path))
    back = next(one.fn for one in blocks.fns if one.fn and one.fn.__name__ == "back")
    names = names_in(blocks)

    def given(setting, preset):
        return {key: new["value"] for key, new in zip(names, back(setting, preset), strict=True) if "value" in new}

    assert given("unet_lr", "course") == {"unet_lr": "0.0001"}
    assert given("", "course").keys() == PRESETS["course"].settings.keys()
    assert len(given("", "defaults")) == len(names) - 4
    assert given("", None) == {}


def test_page_gets_the_order_of_the_inputs(tmp_path):
    names = names_in(build(Projects(tmp_path)))
    assert len(names) == sum(len(list(options_of(kind))) for kind in SECTIONS.values())
