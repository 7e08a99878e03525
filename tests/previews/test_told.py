from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lib_train.host.standalone.pictures import infotext
from lib_train.picture_request import PictureRequest
from lib_train.previews.grid import save_png
from lib_train.previews.told import KEY, text_to_tell, told_by, told_in

REQUEST = PictureRequest(
    prompt="a 猫, (hat:1.2)", negative_prompt="bad, worse\nworst", seed=7, sampler="DPM++ 2M Karras", steps=4,
    cfg_scale=5.5, width=64, height=96, clip_skip=2, network=Path("/runs/mochi-000002.safetensors"), weight=0.75,
    background=((Path("/runs/house.safetensors"), 0.5),),
)  # fmt: skip
SIZE = 64, 96
WEBUI = (
    "<lora:house:0.5><lora:mochi-000002:0.75>a 猫, (hat:1.2)\nNegative prompt: bad, worse\nworst\n"
    "Steps: 4, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5.5, Seed: 7, Size: 64x96, Model hash: 0123, "
    'Model: sd15, Clip skip: 2, Lora hashes: "house: 01, mochi-000002: 23", Version: v1.10.1'
)


def of_json(request=REQUEST, base="sd15.safetensors [0123456789]", checkpoint="mochi-000002", blocks=""):
    told = told_in({KEY: text_to_tell(request, base, checkpoint, blocks)}, (64, 96))
    assert told is not None
    return told


def test_picture_tells_its_request_checkpoint_weight_and_blocks():
    told = of_json(blocks="1,0,0")
    assert (told.checkpoint, told.weight, told.blocks) == ("mochi-000002", 0.75, "1,0,0")
    expected = {
        "prompt": "a 猫, (hat:1.2)", "negative_prompt": "bad, worse\nworst", "seed": 7, "sampler": "DPM++ 2M Karras",
        "steps": 4, "cfg_scale": 5.5, "width": 64, "height": 96, "clip_skip": 2, "base": "sd15",
        "background": [["house", 0.5]], "further": [],
    }  # fmt: skip
    assert {name: told.shared[name] for name in expected} == expected


def test_picture_of_the_base_model_has_no_checkpoint_and_no_weight():
    told = of_json(replace(REQUEST, network=None), checkpoint="")
    assert (told.checkpoint, told.weight) == ("", 0.0)
    assert told.column == of_json().column


@pytest.mark.parametrize(
    ("name", "value"),
    [("prompt", "a"), ("negative_prompt", ""), ("seed", 8), ("sampler", "Euler a"), ("steps", 5), ("cfg_scale", 6.0),
     ("width", 72), ("height", 64), ("clip_skip", 1), ("background", ())],
)  # fmt: skip
def test_pictures_of_another_request_stand_in_another_column(name, value):
    assert of_json(replace(REQUEST, **{name: value})).column != of_json().column


def test_pictures_of_other_checkpoints_weights_and_blocks_stand_in_the_same_column():
    other = replace(REQUEST, network=Path("/other.safetensors"), weight=1.0)
    assert of_json(other, checkpoint="other", blocks="ALL").column == of_json().column
    assert of_json(base="another.safetensors").column != of_json().column


@pytest.mark.parametrize("text", [WEBUI, infotext(REQUEST, "sd15.safetensors")], ids=["WebUI", "standalone"])
def test_infotext_of_an_older_preview_tells_the_same(text):
    assert told_in({"parameters": text}, SIZE) == of_json()


@pytest.mark.parametrize(
    ("written", "sampler"),
    [
        ("Sampler: Euler a, Schedule type: Automatic", "Euler a"),
        ("Sampler: DPM++ 2M Karras", "DPM++ 2M Karras"),
        ("Sampler: DPM++ 2M, Schedule type: Uniform, Version: v1.10.1", "DPM++ 2M Uniform"),
        ("Sampler: DPM++ 2M, Schedule type: Uniform", "DPM++ 2M"),
    ],
)
def test_sampler_of_an_infotext_has_its_schedule_behind_it(written, sampler):
    told = told_in({"parameters": f"a\nSteps: 4, CFG scale: 5, Seed: 7, Size: 64x96, {written}"}, SIZE)
    assert told is not None
    assert told.shared["sampler"] == sampler
    assert (told.checkpoint, told.weight) == ("", 0.0)


def test_weights_of_blocks_stand_in_an_infotext_as_lora_block_weight_reads_them():
    told = told_in({"parameters": WEBUI.replace(":0.75>", ":0.75:lbw=1,0,0>")}, SIZE)
    assert told is not None
    assert (told.checkpoint, told.weight, told.blocks) == ("mochi-000002", 0.75, "1,0,0")


def test_what_no_request_has_keeps_pictures_apart():
    hires = WEBUI.replace("Clip skip: 2", "Clip skip: 2, Denoising strength: 0.5, Hires upscale: 2")
    told = told_in({"parameters": hires}, (128, 192))
    assert told is not None
    assert told.column != of_json().column


@pytest.mark.parametrize(
    ("texts", "size"),
    [
        ({}, SIZE),
        ({"parameters": "a prompt alone"}, SIZE),
        ({"parameters": WEBUI}, (640, 960)),  # a sheet has the infotext of its first picture
        ({"parameters": WEBUI + ", Script: X/Y/Z plot"}, SIZE),
        ({KEY: "{"}, SIZE),
        ({KEY: '{"format": 2}'}, SIZE),
        ({KEY: "[1]"}, SIZE),
    ],
)
def test_picture_that_tells_neither_is_none(texts, size):
    assert told_in(texts, size) is None


def test_text_of_a_file_is_read_and_damaged_files_tell_nothing(tmp_path):
    texts = {"parameters": "x", KEY: text_to_tell(REQUEST, "sd15", "mochi-000002")}
    save_png(Image.new("RGB", SIZE), texts, tmp_path / "a.png")
    assert told_by(tmp_path / "a.png") == of_json()
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:20])
    assert told_by(tmp_path / "b.png") is None
    assert told_by(tmp_path / "none.png") is None


def test_picture_of_a_version_before_a_field_came_stands_beside_new_ones():
    text = text_to_tell(replace(REQUEST, clip_skip=1), "sd15", "mochi-000002").replace('"clip_skip": 1, ', "")
    assert told_in({KEY: text}, SIZE) == of_json(replace(REQUEST, clip_skip=1))
