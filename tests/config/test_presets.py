import pytest

from lib_train.config.codec import from_json
from lib_train.config.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_preset_gives_settings_that_can_be_used_and_knows_every_key(name):
    config, notes = from_json(PRESETS[name].settings)
    assert notes == []
    assert config != from_json({})[0]


def test_presets_say_what_their_authors_published():
    cherry, rimo, char = (from_json(PRESETS[name].settings)[0] for name in ("CherryCat", "rimochan", "CharFramework"))
    assert (cherry.dataset.size, cherry.network.network_dim, cherry.training.clip_skip) == ((768, 1024), 32, 2)
    assert (rimo.training.optimizer_type, rimo.training.rates) == ("Lion", {"unet": 5e-5, "text_encoder": 2e-5})
    assert char.network.conv_alpha == char.network.network_alpha == char.network.conv_dim / 2 == 64
    assert char.dataset.color_aug
    assert char.dataset.bucket_no_upscale
