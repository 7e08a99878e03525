from lib_train.app.settings import declared_settings
from lib_train.config.codec import settings_in, to_json
from lib_train.config.presets import PRESETS
from lib_train.config.run import RunConfig
from lib_train.config.starts import starts

OF_THE_RUN = {"preset", "base_model", "vae", "prediction_type"}


def declared():
    return {one["name"]: one for one in declared_settings()}


def test_every_setting_of_a_version_is_declared_once():
    names = [one["name"] for one in declared_settings()]
    assert len(set(names)) == len(names)
    assert set(names) == set(settings_in(to_json(RunConfig()))) - OF_THE_RUN


def test_whole_numbers_step_by_one_sliders_as_they_say_and_words_not_at_all():
    steps = {name: one["step"] for name, one in declared().items()}
    assert (steps["seed"], steps["unet_lr"], steps["optimizer_type"]) == (1, 1e-5, None)
    sliders = {name: one["slider"][2] for name, one in declared().items() if one["slider"]}
    assert sliders
    for name, step in sliders.items():
        assert steps[name] == step, name


def test_kinds_are_named_as_json_names_them():
    assert {one["kind"] for one in declared().values()} <= {"int", "float", "str", "bool", "list", "object"}
    assert declared()["preview_prompts"]["kind"] == "list"
    assert declared()["preview_prompts"]["item"] == "str"
    assert declared()["optimizer_args"]["kind"] == "object"


def test_presets_name_settings_that_there_are():
    for name, preset in {**PRESETS, **dict(starts())}.items():
        assert set(preset.settings) <= set(declared()), name
