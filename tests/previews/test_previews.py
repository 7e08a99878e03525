from pathlib import Path

import pytest
from PIL import Image

from lib_train.config.codec import from_json
from lib_train.config.preview import PreviewConfig
from lib_train.errors import ConfigError
from lib_train.previews.grid import cell_size, grid, save_png
from lib_train.previews.requests import distinct, row_labels, sheets

FILES = (Path("a.safetensors"), Path("b.safetensors"))


def test_checkpoints_seeds_and_weights_share_a_sheet_and_weight_zero_is_drawn_once_a_seed():
    config = PreviewConfig(preview_prompts=("p", "q"), preview_seeds=(1, 7), preview_weights=(0, 0.5))
    found = sheets(config, FILES, (512, 768))
    assert [sheet.prompt for sheet in found] == ["p", "q"]
    assert [[(r.network, r.seed, r.weight) for r in row] for row in found[0].cells] == [
        [(None, 1, 0), (file, 1, 0.5), (None, 7, 0), (file, 7, 0.5)] for file in FILES
    ]
    asked = distinct(found[0])
    assert len(asked) == 2 + 2 * 2
    assert {(r.width, r.height) for r in asked} == {(512, 768)}


@pytest.mark.parametrize(
    ("stems", "labels"),
    [
        (["m-v1-r001-000001", "m-v1-r001-000002", "m-v1-r001"], ["epoch 1", "epoch 2", "last"]),
        (["m-r1-step00000010", "m-r1-step00000012"], ["step 10", "step 12"]),
        (["m-v1-r001", "m-v1-r002-000003"], ["r001", "r002-000003"]),
        (["anna", "anne"], ["anna", "anne"]),
        (["lora-5", "lora-12"], ["5", "12"]),
        (["one-000001"], ["one-000001"]),
    ],
)
def test_rows_are_named_by_what_tells_them_apart(stems, labels):
    assert row_labels([Path(f"{stem}.safetensors") for stem in stems]) == labels


def test_whatever_else_is_a_list_makes_a_sheet_of_each():
    config = PreviewConfig(
        preview_prompts="p", preview_sampler="Euler, DDIM", preview_steps="4, 8", preview_cfg_scale="2.5, 7",  # type: ignore[arg-type]
        preview_width="512, 768", preview_height="768, 512",  # type: ignore[arg-type]
    )  # fmt: skip
    found = sheets(config, FILES, (64, 64))
    requests = [sheet.cells[0][1] for sheet in found]
    assert [(r.sampler, r.steps, r.cfg_scale, r.width, r.height) for r in requests] == [
        (sampler, steps, scale, *size)
        for sampler in ("Euler", "DDIM") for steps in (4, 8) for scale in (2.5, 7) for size in ((512, 768), (768, 512))
    ]  # fmt: skip
    assert found[-1].about == "DDIM, 8 steps, CFG 7, 768 x 512"


def test_batch_counts_up_from_each_seed_and_makes_no_picture_twice():
    config = PreviewConfig(preview_prompts="p", preview_seeds=(1, 2, 2**32 - 1), preview_batch_size=2)  # type: ignore[arg-type]
    assert sheets(config, FILES, (64, 64))[0].seeds == (1, 2, 3, 2**32 - 1, 0)


def test_one_width_goes_with_many_heights_and_empty_takes_the_training_size():
    assert PreviewConfig(preview_height=(512, 768)).sizes((640, 1)) == [(640, 512), (640, 768)]
    assert PreviewConfig(preview_width=(64,), preview_height=(512, 768)).sizes((1, 1)) == [(64, 512), (64, 768)]
    assert PreviewConfig().sizes((512, 704)) == [(512, 704)]


def test_settings_files_from_before_these_were_lists_stay_valid():
    old = {
        "preview_sampler": "DPM++ 2M Karras", "preview_steps": 20, "preview_cfg_scale": 7, "preview_width": 512,
        "preview_height": None,
    }  # fmt: skip
    config = from_json({"schema": 1, "preview": old})[0].preview
    assert (config.preview_sampler, config.preview_steps) == (("DPM++ 2M Karras",), (20,))
    assert (config.preview_cfg_scale, config.preview_width, config.preview_height) == ((7.0,), (512,), ())


def test_seed_minus_one_is_one_seed_for_all_pictures():
    config = PreviewConfig(preview_prompts=("p",), preview_seeds=(-1,))
    requests = [request for sheet in sheets(config, FILES, (64, 64)) for request in distinct(sheet)]
    assert len({request.seed for request in requests}) == 1
    assert requests[0].seed >= 0


def test_grid_shows_every_picture_in_its_place_with_labels_around():
    colours = [[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 0)]]
    rows = [[Image.new("RGB", (64, 48), colour) for colour in row] for row in colours]
    sheet = grid(rows, ["もち 2", "last"], ["0", "0.75"], ["prompt 小猫", "seed 1"], ["both"])
    assert sheet.width > 2 * 64
    assert sheet.height > 2 * 48
    for line, row in enumerate(colours):
        for place, colour in enumerate(row):
            x, y = sheet.width - (2 - place) * 70 + 10, sheet.height - (2 - line) * 54 + 10
            assert sheet.getpixel((x, y)) == colour


def ink(sheet, left, top, right, bottom):
    """Whether something is written between these edges, on paper that is white."""
    return min(low for low, _ in sheet.crop((left, top, right, bottom)).getextrema()) < 255


@pytest.mark.parametrize("written", [0, 1])
def test_labels_stand_beside_their_row_and_above_their_column_and_nowhere_else(written):
    """The other labels are empty: there must be paper."""
    rows = [[Image.new("RGB", (90, 60), "white")] * 4 for _ in range(2)]
    two, four = ["", ""], [""] * 4
    plain = grid(rows, ["MM", "MM"], four)
    left, top = plain.width - 4 * 96, plain.height - 2 * 66  # where the pictures begin
    label = [*two[:written], "MM", *two[written + 1 :]]

    beside = grid(rows, label, four)
    found = [ink(beside, 0, top + 66 * row, left, top + 66 * row + 60) for row in range(2)]
    assert found == [place == written for place in range(2)]
    assert ink(beside, 0, top + 66 * written + 15, left, top + 66 * written + 45)  # in the middle of its height

    column = 2 * written + 1
    above = grid(rows, ["MM", "MM"], [*four[:column], "MM", *four[column + 1 :]])
    assert [ink(above, left + 96 * place, 0, left + 96 * place + 90, top) for place in range(4)] == [
        place == column for place in range(4)
    ]
    assert ink(above, left + 96 * column + 35, 0, left + 96 * column + 55, top)  # in the middle of its width

    over = grid(rows, ["MM", "MM"], four, groups=label)
    higher = over.height - 2 * 66
    assert higher > top
    assert [ink(over, left + 192 * place, 0, left + 192 * place + 186, higher) for place in range(2)] == [
        place == written for place in range(2)
    ]
    assert ink(over, left + 192 * written + 80, 0, left + 192 * written + 110, higher)


def test_titles_stand_one_below_the_other_at_the_left_and_are_cut_at_the_edge():
    rows, line = [[Image.new("RGB", (200, 60), "white")]], (28 - 6) + 6  # a line is the letters' size and a gap
    two = grid(rows, [""], [""], ["i" * 400, "I"])
    assert ink(two, 6, 6, two.width - 6, 6 + line)
    assert not ink(two, two.width - 6, 0, two.width, 6 + 2 * line)
    assert ink(two, 6, 6 + line, 30, 6 + 2 * line)
    assert not ink(two, 40, 6 + line, two.width, 6 + 2 * line)
    assert not ink(grid(rows, [""], [""], ["", ""]), 0, 0, two.width, 6 + 2 * line)


@pytest.mark.parametrize(
    ("size", "across", "down", "cell"),
    [((512, 768), 4, 10, (512, 768)), ((512, 512), 16, 100, (160, 160)), ((1024, 1024), 10, 10, (800, 800))],
)
def test_pictures_shrink_where_a_sheet_would_be_too_large_to_open(size, across, down, cell):
    assert cell_size(size, across, down) == cell


def test_png_is_seen_whole_or_not_at_all(tmp_path, monkeypatch):
    save, seen = Image.Image.save, []

    def slow(picture, file, *args, **kwargs):
        save(picture, file, *args, **kwargs)
        seen.append([path.name for path in tmp_path.glob("*.png")])

    monkeypatch.setattr(Image.Image, "save", slow)
    save_png(Image.new("RGB", (4, 4)), {}, tmp_path / "a.png")
    assert seen == [[]]
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_png_keeps_its_text_in_any_script(tmp_path):
    save_png(Image.new("RGB", (4, 4)), {"parameters": "もち\nSteps: 2"}, tmp_path / "a.png")
    assert Image.open(tmp_path / "a.png").text["parameters"] == "もち\nSteps: 2"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("preview_cfg_scale", "7, 0.5"), ("preview_steps", ""), ("preview_sampler", ()), ("preview_batch_size", 0),
     ("preview_width", "512, 100"), ("preview_weights", "0, x")],
)  # fmt: skip
def test_unusable_preview_settings_are_named(setting, value):
    with pytest.raises(ConfigError, match=setting):
        PreviewConfig(**{setting: value})


def test_three_widths_and_two_heights_belong_to_no_pictures():
    with pytest.raises(ConfigError, match="preview_height.*one height, or 3"):
        PreviewConfig(preview_width=(64, 128, 192), preview_height=(64, 128))
