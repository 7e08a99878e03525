"""Recipe "CharFramework" on the command line: from pictures to a small file that shows the character."""

import re

import pytest

from lib_train.checkpoints.inspect import inspected
from tests.recipes.commands import command, followed
from tests.recipes.following import (
    CHANGED,
    FACE,
    FEW,
    OF_LOHA,
    PUBLISHED,
    SV_RATIO,
    TRIGGER,
    added_by,
    changed_settings,
    is_same,
    metadata_of,
    norm_of,
    parts_of,
    relative_error,
    seeds_that_show_it,
)

pytestmark = pytest.mark.recipes
LORA = {"lora_up.weight", "lora_down.weight", "alpha"}
LOHA = {"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "alpha"}
COMMENT = f"blocks weighted by Train Tools (FACE); resized by Train Tools (sv_ratio {SV_RATIO})"
WEIGHTED_0 = re.compile("^lora_te_|mid_block|up_blocks_3_(attentions|resnets)_[01]_")
"""Layers of BASE, M00, OUT09 and OUT10."""
KEPT = re.compile("down_blocks_0_|up_blocks_3_(attentions|resnets)_2_")
"""Layers of IN01 to IN03 and OUT11."""
LINE = re.compile(r"(?m)^(.+\.safetensors): ([\d.]+) MiB, (\w+), (\w+), (\d+) layers, rank .+, norm (\S+)$")
LEFT_OUT = re.compile(r"(?m)^note: (\d+) layers are left out, 0 multiplied$")
ERROR = re.compile(r"(?m)^relative error of what is added to the weights: (\S+)$")


def sizes_of(made):
    """Bytes of the files."""
    return [file.stat().st_size for file in (made.trained, made.weighted, made.compressed)]


def figures_hold(made):
    """What the tools say of the files before and after is what stands in them."""
    files = [made.trained, made.weighted, made.weighted, made.compressed]
    lines = LINE.findall(made.said)
    assert [line[0] for line in lines] == [file.name for file in files]
    for file, (_, size, precision, kind, layers, norm) in zip(files, lines, strict=True):
        parts, facts = parts_of(file), inspected(file)
        assert float(size) == pytest.approx(file.stat().st_size / 2**20, abs=0.051)
        assert (precision, kind, int(layers)) == (facts.precision, facts.kind, len(parts))
        assert float(norm) == pytest.approx(norm_of(map(added_by, parts.values())), rel=2e-3)
    [error] = ERROR.findall(made.said)
    assert float(error) == pytest.approx(relative_error(made.weighted, made.compressed), rel=0.1)


def face_is_kept(made):
    """The weighted file has the layers of FACE's blocks, as they were, and no other."""
    before, after = parts_of(made.trained), parts_of(made.weighted)
    [left_out] = LEFT_OUT.findall(made.said)
    assert len(before) - len(after) == int(left_out) > 0
    assert all((before[name][part] == tensor).all() for name in after for part, tensor in after[name].items())
    gone = before.keys() - after.keys()
    assert [name for name in gone if KEPT.search(name)] == []
    assert [name for name in after if WEIGHTED_0.search(name)] == []
    assert any(map(KEPT.search, before))
    assert any(map(WEIGHTED_0.search, before))


def test_commands_make_a_small_file_that_shows_the_character(by_command, tmp_path):
    """Of ten seeds: none without the LoRA; 10 with what was trained, 7 with FACE, 9 when that is compressed.

    6.1 MiB become 3.1 and 0.8; the training takes eight minutes of one core.
    """
    trained, weighted, compressed = by_command.trained, by_command.weighted, by_command.compressed
    without, at_first, at_last = seeds_that_show_it([None, trained, compressed])
    assert (without, at_first >= 9, at_last >= 6) == (0, True, True), (at_first, at_last)
    sizes = sizes_of(by_command)
    assert sizes[0] > 1.8 * sizes[1] > 1.8 * 3 * sizes[2]
    face_is_kept(by_command)
    figures_hold(by_command)
    command("blocks", trained, "--to", tmp_path / "numbers.safetensors", "--weights", FACE)
    assert is_same(weighted, tmp_path / "numbers.safetensors")

    assert changed_settings(by_command.root) == set(CHANGED)
    for path in (trained, compressed):
        metadata = metadata_of(path)
        assert PUBLISHED.items() <= metadata.items()
    assert metadata_of(compressed)["ss_training_comment"] == COMMENT
    told = command("inspect", compressed)
    for row in (rf"trigger +{TRIGGER}", r"kind +LoCon for SD1", rf"  training_comment +{re.escape(COMMENT)}"):
        assert re.search(rf"(?m)^{row}$", told), told

    for kind, ranks, ends in (("LoCon", CHANGED, LORA), ("LoHa", OF_LOHA, LOHA)):
        folder = tmp_path / kind
        folder.mkdir()
        other = followed(folder, f"CharFramework-{kind}", {**ranks, **FEW})
        face_is_kept(other)
        figures_hold(other)
        assert [inspected(path).kind for path in (other.trained, other.weighted)] == [kind, kind]
        assert {frozenset(parts) for parts in parts_of(other.trained).values()} == {frozenset(ends)}
        assert {frozenset(parts) for parts in parts_of(other.compressed).values()} == {frozenset(LORA)}
        assert sizes_of(other)[0] > 1.8 * sizes_of(other)[1]
        assert ("note: the new file is larger" in other.said) == (sizes_of(other)[2] > sizes_of(other)[1])
