import pytest

from lib_train.config.regularisation import RegularisationConfig
from lib_train.errors import ConfigError


def made(**changes):
    return RegularisationConfig(**{"class_word": "girl", "class_prompt": "1girl", **changes})


def test_size_is_that_of_the_buckets_unless_both_sides_are_given():
    assert made().size is None
    assert made(class_width="512", class_height=768).size == (512, 768)


@pytest.mark.parametrize(
    ("changes", "setting", "remedy"),
    [
        ({"class_word": " "}, "class_word", "write the class in a word"),
        ({"class_prompt": ""}, "class_prompt", "write what the pictures show"),
        ({"class_width": 512}, "class_height", "give both sides"),
        ({"class_width": 500, "class_height": 512}, "class_width", "must be a multiple of 8"),
        ({"num_class_images": 0}, "num_class_images", "must be at least 1"),
        ({"class_caption": "none"}, "class_caption", "choose one of prompt, class"),
    ],
)
def test_what_cannot_be_used_is_named(changes, setting, remedy):
    with pytest.raises(ConfigError) as caught:
        made(**changes)
    assert [(one.setting, str(one.remedy)[: len(remedy)]) for one in caught.value.problems] == [(setting, remedy)]
