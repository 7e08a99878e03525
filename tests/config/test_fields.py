from dataclasses import FrozenInstanceError

import pytest

from lib_train.config.codec import section_of
from lib_train.config.fields import ADVANCED, BASIC, options_of
from lib_train.config.run import SECTIONS
from tests.config.sample import Sample


def test_settings_cannot_be_changed_afterwards_nor_through_a_shared_default():
    sample = Sample()
    with pytest.raises(FrozenInstanceError):
        sample.whole = 3  # type: ignore[misc]
    sample.more["a"] = 1
    assert Sample().more == {}


def test_declaration_tells_forms_and_tables_everything():
    found = {option.name: option for option in options_of(Sample)}
    assert list(found) == ["whole", "part", "rest", "on", "word", "sizes", "lines", "more"]
    assert (found["whole"].kind, found["whole"].low, found["whole"].level) == (int, 1, BASIC)
    assert (found["rest"].kind, found["rest"].optional, found["rest"].level) == (float, True, ADVANCED)
    assert (found["sizes"].kind, found["sizes"].item, found["sizes"].default) == (tuple, int, (8, 8))
    assert (found["word"].choices, found["lines"].separator, found["more"].default) == (("a", "b"), "\n", {})


def test_every_setting_has_help_and_a_name_of_its_own():
    options = [option for kind in SECTIONS.values() for option in options_of(kind)]
    names = [option.name for option in options]
    assert len(names) == len(set(names)) == len(section_of())
    assert not {"schema", "base_model", "vae", *SECTIONS} & set(names)
    assert all(option.help.endswith(".") and len(option.help) > 10 for option in options)


SLIDERS = [one for kind in SECTIONS.values() for one in options_of(kind) if one.slider]


@pytest.mark.parametrize("declared", SLIDERS, ids=lambda one: one.name)
def test_slider_lies_within_the_limits_and_meets_the_default(declared):
    low, high, step = declared.slider
    assert declared.kind in (int, float)
    assert declared.low <= low or low == declared.off
    assert low < high <= (declared.high or high)
    for value in (high, declared.default):
        if value is not None:
            assert low <= value <= high
            assert round((value - low) / step, 6).is_integer()
    assert declared.kind is float or int(step) == step


def test_people_slide_the_rank_and_type_the_rates():
    names = {one.name for one in SLIDERS}
    assert {"network_dim", "network_alpha", "clip_skip", "noise_offset", "caption_dropout_rate"} <= names
    assert not {"learning_rate", "seed", "max_train_epochs"} & names
