import pytest

from lib_train.config.codec import config_of, from_json, section_of, to_json
from lib_train.config.known_presets import preset_named
from lib_train.config.presets import DEFAULTS, KEPT, PRESETS, fresh
from lib_train.config.presets import differences as differing


@pytest.mark.parametrize("name", PRESETS)
def test_preset_gives_settings_that_can_be_used_and_knows_every_key(name):
    config, notes = from_json(PRESETS[name].settings)
    assert notes == []
    assert config != from_json({})[0]


def test_presets_say_what_their_authors_published():
    cherry, rimo, char = (from_json(PRESETS[name].settings)[0] for name in ("CherryCat", "rimochan", "CharFramework"))
    assert (cherry.dataset.size, cherry.network.network_dim, cherry.training.clip_skip) == ((768, 1024), 32, 2)
    assert (rimo.training.optimizer_type, rimo.training.rates) == ("Lion", {"unet": 5e-5, "text_encoder": 2e-5})
    assert (char.network.conv_alpha, char.network.network_alpha, char.network.conv_dim) == (64, 64, 128)
    assert char.dataset.color_aug
    assert char.dataset.bucket_no_upscale


def test_character_has_a_preset_of_each_kind_that_its_author_published():
    names = [name for name in PRESETS if "CharFramework" in (name, PRESETS[name].variant_of)]
    networks = [config_of(PRESETS[name].settings).network for name in names]
    sizes = [(one.network_dim, one.network_alpha, one.conv_rank, one.alpha_of_convs) for one in networks]
    assert dict(zip([one.network_type for one in networks], sizes, strict=True)) == {
        "lora": (128, 64, 128, 64), "locon": (128, 64, 128, 64), "loha": (32, 16, 32, 16),
    }  # fmt: skip
    of_networks = {name for name, section in section_of().items() if section == "network"}
    assert len({str({**PRESETS[name].settings, **dict.fromkeys(of_networks)}) for name in names}) == 1


def differences(config):
    return differing(config, preset_named(config.preset, {}))


def taken(name, **changes):
    """Settings as they are when a preset was taken and then some were changed."""
    settings = PRESETS[name].settings if name in PRESETS else {}
    return config_of({**settings, "preset": name, **changes})


@pytest.mark.parametrize("name", [DEFAULTS, *PRESETS])
def test_nothing_differs_from_a_preset_that_was_just_taken(name):
    assert differences(taken(name)) == []


def test_each_change_of_what_a_preset_names_is_told_with_both_values():
    found = differences(taken("course", unet_lr=3e-4, resolution="512,768", seed=7))
    assert found == [("resolution", (512, 512), (512, 768)), ("unet_lr", 1e-4, 3e-4)]  # it says nothing of a seed
    assert differences(taken("course", resolution="512, 512")) == []


def test_defaults_name_everything_but_pictures_and_prompts():
    found = differences(taken(DEFAULTS, seed=7, conv_dim=4, train_data_dir="x", preview_prompts="a"))
    assert found == [("conv_dim", None, 4), ("seed", 42, 7)]
    assert not KEPT & fresh().settings.keys()


def test_without_a_preset_what_differs_from_the_defaults_is_told():
    assert differences(taken("", network_dim=4, seed=42, train_data_dir="x")) == [("network_dim", 16, 4)]
    assert differences(taken("")) == []


def test_preset_stays_with_the_version_and_one_that_is_not_known_differs_in_nothing():
    assert from_json(to_json(taken("course")))[0].preset == "course"
    assert differences(taken("of a later version", seed=7)) == []
    assert preset_named("of a later version", {}) is None
