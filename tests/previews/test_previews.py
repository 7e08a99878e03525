from pathlib import Path

import pytest
from PIL import Image

from lib_train.config.preview import PreviewConfig
from lib_train.errors import ConfigError
from lib_train.previews.grid import grid, save_png
from lib_train.previews.requests import distinct, sheets

FILES = (Path("a.safetensors"), Path("b.safetensors"))


def test_each_prompt_and_seed_is_a_sheet_and_weight_zero_is_drawn_once():
    config = PreviewConfig(preview_prompts=("p", "q"), preview_seeds=(1, 2), preview_weights=(0, 0.5, 1))
    found = sheets(config, FILES, (512, 768))
    assert [(sheet.prompt, sheet.seed) for sheet in found] == [("p", 1), ("p", 2), ("q", 1), ("q", 2)]
    asked = distinct(found[0])
    assert [(r.network, r.weight) for r in asked] == [
        (None, 0), (FILES[0], 0.5), (FILES[0], 1), (FILES[1], 0.5), (FILES[1], 1)
    ]  # fmt: skip
    assert {(r.width, r.height) for r in asked} == {(512, 768)}


def test_seed_minus_one_is_one_seed_for_all_pictures():
    config = PreviewConfig(preview_prompts=("p",), preview_seeds=(-1,))
    requests = [request for sheet in sheets(config, FILES, (64, 64)) for request in distinct(sheet)]
    assert len({request.seed for request in requests}) == 1
    assert requests[0].seed >= 0


def test_grid_shows_every_picture_in_its_place_with_labels_around():
    colours = [[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 0)]]
    rows = [[Image.new("RGB", (64, 48), colour) for colour in row] for row in colours]
    sheet = grid(rows, ["もち 2", "last"], ["0", "0.75"], "prompt 小猫   seed 1")
    assert sheet.width > 2 * 64
    assert sheet.height > 2 * 48
    for line, row in enumerate(colours):
        for place, colour in enumerate(row):
            x, y = sheet.width - (2 - place) * 70 + 10, sheet.height - (2 - line) * 54 + 10
            assert sheet.getpixel((x, y)) == colour


def test_png_keeps_its_text_in_any_script(tmp_path):
    save_png(Image.new("RGB", (4, 4)), {"parameters": "もち\nSteps: 2"}, tmp_path / "a.png")
    assert Image.open(tmp_path / "a.png").text["parameters"] == "もち\nSteps: 2"


def test_unusable_preview_settings_are_named():
    with pytest.raises(ConfigError, match="preview_cfg_scale"):
        PreviewConfig(preview_cfg_scale=0.5)
