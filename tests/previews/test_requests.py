from pathlib import Path

import pytest

from lib_train.config.preview import PreviewConfig
from lib_train.names import row_labels
from lib_train.previews.requests import distinct, sheets

FILES = (Path("a.safetensors"), Path("b.safetensors"))


def test_checkpoints_seeds_and_weights_share_a_sheet_and_weight_zero_is_drawn_once_a_seed():
    config = PreviewConfig(preview_prompts=("p", "q"), preview_seeds=(1, 7), preview_weights=(0, 0.5))
    found = sheets(config, FILES, (512, 768))
    assert [sheet.title[0] for sheet in found] == ["p", "q"]
    assert [[(r.network, r.seed, r.weight) for r in row] for row in found[0].cells] == [
        [(None, 1, 0), (file, 1, 0.5), (None, 7, 0), (file, 7, 0.5)] for file in FILES
    ]
    requests = distinct(found[0])
    assert len(requests) == 2 + 2 * 2
    assert {(r.width, r.height) for r in requests} == {(512, 768)}


@pytest.mark.parametrize(
    ("stems", "labels"),
    [
        (["m-v1-r001-000001", "m-v1-r001-000002", "m-v1-r001"], ["epoch 1", "epoch 2", "last"]),
        (["m-r1-step00000010", "m-r1-step00000012"], ["step 10", "step 12"]),
        (["m-v1-r001", "m-v1-r002-000003"], ["r001", "r002-000003"]),
        (["anna", "anne"], ["anna", "anne"]),
        (["lora-5", "lora-12"], ["5", "12"]),
        (["one-000001"], ["one-000001"]),
        (["m-v1-r001-000002", "m-v1-r001", "m-v1-mix1", "soft"], ["epoch 2", "last", "m-v1-mix1", "soft"]),
        (["m-v1-mix1", "m-v1-r001-step00000005", "m-v1-r001"], ["mix1", "step 5", "last"]),
        (["m-v1-r001-000002", "m-v1-r001", "m-v1-r002"], ["r001-000002", "r001", "r002"]),
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
    assert found[-1].title == ("p", "seed 1, DDIM, 8 steps, CFG 7, 768 x 512")


def test_batch_counts_up_from_each_seed_and_makes_no_picture_twice():
    config = PreviewConfig(preview_prompts="p", preview_seeds=(1, 2, 2**32 - 1), preview_batch_size=2)  # type: ignore[arg-type]
    (sheet,) = sheets(config, FILES, (64, 64))
    assert sheet.groups == ("seed 1", "seed 2", "seed 3", "seed 4294967295", "seed 0")
    assert sheet.columns == ("0", "1") * 5


def test_seed_minus_one_is_one_seed_for_all_pictures():
    config = PreviewConfig(preview_prompts=("p",), preview_seeds=(-1,))
    requests = [request for sheet in sheets(config, FILES, (64, 64)) for request in distinct(sheet)]
    assert len({request.seed for request in requests}) == 1
    assert requests[0].seed >= 0


def test_weights_of_blocks_are_rows_of_their_own_and_lists_are_told_in_full():
    blocks = ("FACE", "1,0,0,0,0,0,0,0,0,0,0,0")
    config = PreviewConfig(preview_prompts=("p",), preview_weights=(0, 1), preview_block_weights=blocks)
    (sheet,) = sheets(config, [Path("m-000001.safetensors"), Path("m.safetensors")], (64, 64))
    assert list(sheet.rows) == ["epoch 1  FACE", "epoch 1  list2", "last  FACE", "last  list2"]
    assert sheet.title[1].endswith("64 x 64, list2: 1,0,0,0,0,0,0,0,0,0,0,0")
    assert [[request.network for request in row] for row in sheet.cells][:2] == [
        [None, Path("m-000001_FACE.safetensors")], [None, Path("m-000001_list2.safetensors")],
    ]  # fmt: skip
    assert len(distinct(sheet)) == 1 + 4
    (alone,) = sheets(config, [Path("m.safetensors")], (64, 64))
    assert list(alone.rows) == ["FACE", "list2"]


def test_a_prompt_with_options_is_drawn_with_them_and_others_with_the_settings():
    config = PreviewConfig(
        preview_prompts=("p --w 256 --d 9 --s 5 --l 3 --n bad --ss DDIM", "q --h 512", "r"), preview_seeds=(1, 2),
        preview_steps=(4, 8), preview_negative_prompt="usual", preview_width=(512, 768), preview_height=(768,),
        preview_batch_size=2,
    )  # fmt: skip
    found = sheets(config, FILES, (64, 64))
    first = [sheet for sheet in found if sheet.title[0] == "p"]
    assert [(sheet.title[1], sheet.groups) for sheet in first] == [
        ("DDIM, 5 steps, CFG 3, 256 x 768", ("seed 9", "seed 10"))
    ]
    assert {(r.negative_prompt, r.sampler, r.steps, r.cfg_scale) for r in distinct(first[0])} == {
        ("bad", "DDIM", 5, 3.0)
    }
    sizes = {name: [sheet.title[1] for sheet in found if sheet.title[0] == name] for name in "qr"}
    assert sizes["q"] == [f"Euler a, {n} steps, CFG 7, {w} x 512" for n in (4, 8) for w in (512, 768)]
    assert sizes["r"] == [f"Euler a, {n} steps, CFG 7, {w} x 768" for n in (4, 8) for w in (512, 768)]
    assert {r.negative_prompt for sheet in found[1:] for r in distinct(sheet)} == {"usual"}


def test_seed_minus_one_behind_a_prompt_is_one_seed_for_it():
    config = PreviewConfig(preview_prompts=("p --d -1", "q"))
    first, second = ({request.seed for request in distinct(sheet)} for sheet in sheets(config, FILES, (64, 64)))
    assert len(first) == 1
    assert first != second == {1}
