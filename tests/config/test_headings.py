from lib_train.config.fields import options_of
from lib_train.config.headings import HEADINGS, heading_of
from lib_train.config.run import SECTIONS

FOUND = {
    one.name: heading_of(section, one.group) for section, kind in SECTIONS.items() for one in options_of(kind)
}  # fmt: skip


def test_every_setting_has_a_heading_and_every_heading_settings():
    assert set(FOUND.values()) == set(HEADINGS)
    assert [name for name, heading in FOUND.items() if heading == "Folders"] == ["train_data_dir", "reg_data_dir"]
    assert FOUND["resolution"] == FOUND["caption_prefix"] == "Captions and augmentation"
    assert FOUND["clip_skip"] == "Captions and augmentation"
    assert FOUND["min_timestep"] == FOUND["huber_c"] == FOUND["masked_loss"] == "Noise and loss"
    assert (FOUND["seed"], FOUND["cache_latents"]) == ("Rates and length", "Memory and speed")
