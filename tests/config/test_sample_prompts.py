import pytest

from lib_train.config.preview import PreviewConfig
from lib_train.config.sample_prompts import SamplePrompt, parted, sample_prompt, written
from lib_train.errors import ConfigError


def test_options_behind_a_prompt_are_its_own():
    line = "mochi, smile --n blurry, bad --w 512 --h 768 --d 7 --s 28 --l 6.5 --ss DPM++ 2M Karras"
    assert sample_prompt(line) == SamplePrompt("mochi, smile", "blurry, bad", 512, 768, 7, 28, 6.5, "DPM++ 2M Karras")
    assert written(*parted(line)) == line


@pytest.mark.parametrize("line", ["a well-known --wide hat", "a--w 512", "mochi, (smile:1.2)", "--"])
def test_words_that_look_like_options_stay_words(line):
    assert sample_prompt(line) == SamplePrompt(line)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a --w 500", "--w 500: must be a multiple of 8 from 64 to 4096"),
        ("a --h 8", "--h 8: must be"),
        ("a --w wide", "--w wide: must be"),
        ("a --d -2", "--d -2: must be a whole number from -1 to 4294967295"),
        ("a --s 0", "--s 0: must be"),
        ("a --s 20.5", "--s 20.5: must be"),
        ("a --l nan", "--l nan: must be a number from 1 to 30"),
        ("--w 512", "write the prompt before its options"),
    ],
)
def test_option_that_cannot_be_used_is_refused_by_prompt_and_option(line, told):
    with pytest.raises(ConfigError) as refused:
        PreviewConfig(preview_prompts=("fine", line))
    (problem,) = refused.value.problems
    assert (problem.setting, problem.value) == ("preview_prompts", line)
    assert told in problem.remedy
