from pathlib import Path

import pytest

from lib_train.config.axes import AXES, Cell, Known, _Numbers, block_marks, texts
from lib_train.config.fields import options_of
from lib_train.config.preview import PreviewConfig
from lib_train.config.sheet_lines import axis_of, line_of, parsed, written
from lib_train.config.training import TrainingConfig
from lib_train.errors import ConfigError
from lib_train.picture_request import PictureRequest

FILES = [Path(f"m-r1{end}.safetensors") for end in ("-000001", "-000002", "")]


def nowhere(name):
    raise ValueError(f"no {name}")


def put(text, *, known=None, **request):
    """Cells that an axis makes of a picture, one for each value."""
    chosen = axis_of(text)
    assert chosen is not None
    found = chosen.found(known or Known(FILES, lambda name: Path(f"{name}.safetensors")))
    base = Cell(PictureRequest(**{"prompt": "a cat, sitting", **request}))
    return [found.axis.put(base, value, found.values) for value in found.values], found.labels()


@pytest.mark.parametrize(
    ("text", "field", "values", "labels"),
    [
        ("weight:0.5-1.5 [3]", "weight", [0.5, 1.0, 1.5], ["weight 0.5", "weight 1", "weight 1.5"]),
        ("seed:1-3, 9", "seed", [1, 2, 3, 9], ["seed 1", "seed 2", "seed 3", "seed 9"]),
        ("sampler:Euler a, DPM++ 2M", "sampler", ["Euler a", "DPM++ 2M"], ["Euler a", "DPM++ 2M"]),
        ("scheduler:Automatic,Karras", "scheduler", ["Automatic", "Karras"], ["Automatic", "Karras"]),
        ("steps:10-20 (+5)", "steps", [10, 15, 20], ["10 steps", "15 steps", "20 steps"]),
        ("cfg:2.5,7", "cfg_scale", [2.5, 7.0], ["CFG 2.5", "CFG 7"]),
        ("clip_skip:1,2", "clip_skip", [1, 2], ["clip skip 1", "clip skip 2"]),
        ('prompt:"a cat, big",a dog', "prompt", ["a cat, big", "a dog"], ["a cat, big", "a dog"]),
        ("checkpoint:last,epoch 1", "network", [FILES[2], FILES[0]], ["last", "epoch 1"]),
        ("checkpoint", "network", FILES, ["epoch 1", "epoch 2", "last"]),
        ("checkpoint:m-r1-0*", "network", FILES[:2], ["1", "2"]),
        ("lora:none,style:0.6,x", "others", [(), ((Path("style.safetensors"), 0.6),), ((Path("x.safetensors"), 1.0),)],
         ["none", "style:0.6", "x:1"]),
        ("replace:sitting,standing,", "prompt", ["a cat, sitting", "a cat, standing", "a cat, "],
         ["sitting", "standing", "-"]),
    ],
)  # fmt: skip
def test_values_of_an_axis_are_put_into_a_picture_and_labelled(text, field, values, labels):
    cells, told = put(text)
    assert [getattr(cell.request, field) for cell in cells] == values
    if field != "network" or "*" not in text:
        assert told == labels


def test_every_axis_can_be_written_as_its_example_says():
    for name, axis in AXES.items():
        chosen = axis_of(f"{name}:{axis.example}")
        assert chosen is not None
        assert len(chosen.values) > 1


def test_sizes_and_weights_of_blocks_are_read_with_signs_of_their_own():
    cells, labels = put("size:512x768, 64 X 128")
    assert [(cell.request.width, cell.request.height) for cell in cells] == [(512, 768), (64, 128)]
    assert labels == ["512 x 768", "64 x 128"]
    cells, labels = put("blocks:off; FACE;1,0,0,0,0,0,0,0,0,0,0,0")
    assert [cell.blocks for cell in cells] == ["", "FACE", "1,0,0,0,0,0,0,0,0,0,0,0"]
    assert (
        labels == ["off", "FACE", "list3"] == [mark or "off" for mark in block_marks([cell.blocks for cell in cells])]
    )


def test_replacement_counts_in_the_negative_prompt_too_and_everywhere():
    cells, _ = put("replace:cat,dog", prompt="a cat and a cat", negative_prompt="no cat")
    assert [(cell.request.prompt, cell.request.negative_prompt) for cell in cells] == [
        ("a cat and a cat", "no cat"), ("a dog and a dog", "no dog"),
    ]  # fmt: skip
    cells, _ = put("replace:cat,dog", prompt="a", negative_prompt="a cat")
    assert cells[1].request.negative_prompt == "a dog"


def test_seed_minus_one_becomes_a_seed():
    cells, _ = put("seed:-1,5")
    assert cells[0].request.seed >= 0
    assert cells[1].request.seed == 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("weihgt:1", "there is no axis 'weihgt'; write one of checkpoint, blocks,"),
        ("seed", "seed: has no values"), ("prompt:", "prompt: has no values"), ("weight: ", "weight: has no values"),
        ("weight:5", "weight: must be"), ("steps:0", "steps: must be"), ("seed:a", "seed: must be a whole number"),
        ("size:512", "size: '512': write width x height"), ("size:510x512", "multiples of 8"),
        ("blocks:1,2", "blocks: '1,2': give a preset's name"), ("sampler:Euler,Euler", "'Euler' is given twice"),
        ('prompt:"a, b', "put values that hold commas between quotes"), ("seed:1-300", "more than 200 values"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_axis_says_why_and_how_to_write_it(text, told):
    with pytest.raises(ValueError, match=told.replace("(", r"\(")):
        axis_of(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("checkpoint:epoch 7", "no checkpoint is called 'epoch 7'; there are: epoch 1, epoch 2, last"),
        ("lora:x", "no x"),
        ("replace:dog,cat", "replace: 'dog' does not stand in the prompt 'a cat, sitting'"),
    ],
)
def test_values_that_mean_nothing_say_so(text, told):
    with pytest.raises(ValueError, match=told):
        put(text, known=Known(FILES, nowhere))


def test_values_with_commas_stand_between_quotes():
    assert texts('"a, b", c,"say ""x"""') == ["a, b", "c", 'say "x"']


def test_limits_are_those_of_the_settings():
    own = {one.name: (one.low, one.high) for one in options_of(_Numbers)}
    known = {one.name: (one.low, one.high) for kind in (PreviewConfig, TrainingConfig) for one in options_of(kind)}
    names = {"weight": "preview_weights", "seed": "preview_seeds", "steps": "preview_steps",
             "cfg": "preview_cfg_scale", "clip_skip": "clip_skip"}  # fmt: skip
    assert own == {name: known[setting] for name, setting in names.items()}


def test_line_has_three_sides_of_which_any_may_be_empty():
    line = parsed("replace:sitting,standing | replace:a,b |  seed:1")
    assert [one.axis.name for one in line.chosen] == ["replace", "replace", "seed"]
    assert written(line) == "replace:sitting,standing | replace:a,b | seed:1"
    assert parsed(written(parsed("| weight:1 |"))).texts == ("", "weight:1", "")
    assert parsed('prompt:"a|b",c').rows == axis_of('prompt:"a|b",c')  # a bar within a prompt


def test_every_side_that_is_wrong_is_named():
    with pytest.raises(ConfigError) as caught:
        line_of("x:1", "seed:1", "steps:0")
    assert [one.setting for one in caught.value.problems] == ["rows", "pages"]
    with pytest.raises(ConfigError, match="two axes of a sheet are seed"):
        line_of("seed:1", "", "seed:2")
    for text in ("", " | ", "seed:1 | steps:1 | cfg:1 | size:64x64"):
        with pytest.raises(ValueError, match="write rows, columns and pages with"):
            parsed(text)
    with pytest.raises(ConfigError, match="give at least one axis"):
        line_of()
