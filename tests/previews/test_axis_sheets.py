from pathlib import Path

import pytest

from lib_train.config.axes import Known
from lib_train.config.preview import PreviewConfig
from lib_train.config.sheet_lines import parsed
from lib_train.previews.axis_sheets import SideError, axis_sheets

FILES = (Path("m-000001.safetensors"), Path("m.safetensors"))
KNOWN = Known(FILES, lambda name: Path(f"{name}.safetensors"))
CONFIG = PreviewConfig(
    preview_prompts=("a cat, sitting, outdoors",), preview_seeds=(7, 8), preview_weights=(0, 1), preview_steps=(4, 8),
    preview_sampler=("DDIM", "Euler"),
)  # fmt: skip


def of(text, config=CONFIG):
    return axis_sheets(parsed(text), config, KNOWN, (64, 96), 2, ((Path("below.safetensors"), 0.5),))


def test_two_replacements_are_rows_and_columns_of_the_newest_checkpoint():
    (found,) = of("replace:sitting,standing,kneeling | replace:outdoors,indoors")
    (sheet,) = found.pages
    assert [[cell.prompt for cell in row] for row in sheet.cells] == [
        [f"a cat, {pose}, {place}" for place in ("outdoors", "indoors")] for pose in ("sitting", "standing", "kneeling")
    ]
    first = sheet.cells[0][0]
    assert (first.seed, first.sampler, first.steps, first.weight, first.clip_skip) == (7, "DDIM", 4, 1.0, 2)
    assert (first.width, first.height, first.network) == (64, 96, FILES[1])
    assert first.background == ((Path("below.safetensors"), 0.5),)
    assert (sheet.rows, sheet.columns) == (("sitting", "standing", "kneeling"), ("outdoors", "indoors"))
    assert sheet.title[0] == "a cat, sitting, outdoors"
    assert sheet.names[sheet.cells[2][1]] == "kneeling_indoors"
    assert found.labels == (sheet.rows, sheet.columns, ())


def test_a_third_axis_makes_a_sheet_for_each_value_and_no_other_axis_is_lost():
    (found,) = of("checkpoint | weight:0,0.5 | seed:1,2")
    assert [[[(c.network, c.weight, c.seed) for c in row] for row in sheet.cells] for sheet in found.pages] == [
        [[(None, 0, seed), (file, 0.5, seed)] for file in FILES] for seed in (1, 2)
    ]
    assert [sheet.title[-1] for sheet in found.pages] == ["seed 1", "seed 2"]
    assert "seed" not in found.pages[0].title[1]
    assert "DDIM, 4 steps, CFG 7, 64 x 96, clip skip 2" in found.pages[0].title[1]


def test_weights_of_blocks_are_drawn_as_files_of_their_own_but_for_off():
    (found,) = of("blocks:off;FACE | weight:1")
    (sheet,) = found.pages
    assert [row[0].network for row in sheet.cells] == [FILES[1], Path("m_FACE.safetensors")]
    assert {(one.network, one.blocks, one.mark) for one in sheet.files} == {
        (FILES[1], "", ""),
        (FILES[1], "FACE", "FACE"),
    }
    assert sheet.rows == ("off", "FACE")
    numbers = ",".join(["1"] * 12)
    assert of(f"blocks:off;{numbers}")[0].pages[0].title[-1].endswith(f"list2: {numbers}")


def test_replacement_counts_in_each_prompt_of_an_axis_whatever_side_it_is_on():
    (found,) = of('replace:cat,dog | prompt:"a cat","two cats"')
    assert [[cell.prompt for cell in row] for row in found.pages[0].cells] == [
        ["a cat", "two cats"],
        ["a dog", "two dogs"],
    ]
    with pytest.raises(ValueError, match="'cat' does not stand in the prompt 'a bird'"):
        of('replace:cat,dog | prompt:"a cat","a bird"')


def test_each_prompt_of_the_settings_has_its_own_sheets_with_its_options():
    config = PreviewConfig(preview_prompts=("p --s 3 --d 5", "q --ss DDIM --w 128"), preview_weights=(0.7,))
    first, second = of("cfg:2,3", config)
    found = [(one.prompt, one.steps, one.seed, one.sampler, one.width, one.weight) for one in (first.base, second.base)]
    assert found == [("p", 3, 5, "Euler a", 64, 0.7), ("q", 20, 1, "DDIM", 128, 0.7)]


def test_a_second_network_is_on_beside_the_checkpoint():
    (found,) = of("lora:none,style:0.6")
    assert [cell[0].networks for cell in found.pages[0].cells] == [
        ((Path("below.safetensors"), 0.5), (FILES[1], 1.0), *more) for more in ((), ((Path("style.safetensors"), 0.6),))
    ]
    assert found.pages[0].rows == ("none", "style:0.6")


def test_names_are_short_and_safe_for_files():
    (found,) = of('prompt:"../../a cat: \\ *?","猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫猫","p1"')
    names = list(found.pages[0].names.values())
    assert names == ["a_cat", "猫" * 13, "p1"]


def test_more_pictures_than_anybody_draws_are_refused_before_they_are_put_together():
    why = "8,000,000 pictures are too many; give fewer values, for 10,000 at most"
    with pytest.raises(SideError, match=why) as found:
        of("seed:1-200 | weight:0.01-2 [200] | cfg:1-20 [200]")
    assert found.value.place == 0
    assert sum(len(sheet.rows) * len(sheet.columns) for sheet in of("seed:1-200 | steps:1-50")[0].pages) == 10_000
