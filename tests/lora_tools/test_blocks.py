from pathlib import Path

import pytest
import torch

from lib_train.checkpoints.files import read_metadata, read_network
from lib_train.config.tools import BlocksConfig
from lib_train.errors import ConfigError
from lib_train.lora_tools.block_lists import block_weights
from lib_train.lora_tools.blocks import blocks, weighted
from lib_train.lora_tools.layers import NetworkSource
from tests.lora_tools.networks import SHAPES, dense, dense_in, lora, written

LIST = ",".join(["0.5", "1", "0.3", *["1"] * 23])
"""Of the layers the text encoder's becomes half, those of IN01 three tenths; OUT03's stays."""
FACTORS = dict(zip(SHAPES, (0.5, 1, 1, 1), strict=True))


def test_layers_are_multiplied_by_their_blocks_weights(tmp_path):
    tensors = lora(alpha=3)
    names = list(SHAPES)
    numbers = ["1"] * 26
    numbers[0], numbers[2], numbers[17] = "0.5", "-0.3", "0"  # BASE, IN01, OUT03
    file, to = written(tmp_path / "a.safetensors", tensors), tmp_path / "b.safetensors"
    outcome = blocks(file, to, BlocksConfig(weights=",".join(numbers)))
    found, before = dense_in(to), dense(tensors)
    assert list(found) == sorted(names[:3])
    for name, factor in zip(names, (0.5, -0.3, -0.3), strict=False):
        torch.testing.assert_close(found[name], factor * before[name], rtol=1e-5, atol=1e-5)
    square = sum(float(one.square().sum()) for one in found.values())
    assert outcome.after.norm == pytest.approx(square**0.5)
    assert outcome.error is None
    assert outcome.notes[0] == "1 layers are left out, 3 multiplied"
    assert read_metadata(to)["ss_training_comment"].startswith("blocks weighted by Train Tools (0.5,1,-0.3")


def test_layers_at_one_stay_to_the_bit(tmp_path):
    tensors = lora()
    file, to = written(tmp_path / "a.safetensors", tensors, precision="fp16"), tmp_path / "b.safetensors"
    blocks(file, to, BlocksConfig(weights="1"))
    before, after = read_network(file)[0], read_network(to)[0]
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_whole_weights_are_multiplied_with_their_biases():
    name = next(iter(SHAPES))
    tensors = {f"{name}.diff": torch.ones(4, 3), f"{name}.diff_b": torch.ones(4)}
    found = weighted(NetworkSource(Path("network"), tensors, {}), block_weights("0.25", "sd1"))
    assert {key: float(one.sum()) for key, one in found.items()} == {f"{name}.diff": 3, f"{name}.diff_b": 1}


def test_blocks_that_a_short_list_has_not_are_told(tmp_path):
    name = "lora_unet_down_blocks_0_downsamplers_0_conv"
    shapes = {**SHAPES, name: (8, 8, 3, 3)}
    file, to = written(tmp_path / "a.safetensors", lora(shapes=shapes)), tmp_path / "b.safetensors"
    outcome = blocks(file, to, BlocksConfig(weights=",".join(["1"] * 17)))
    assert name not in dense_in(to)
    assert "the list has no numbers for IN03, which count as 0" in outcome.notes


def test_weights_that_leave_nothing_are_refused(tmp_path):
    file = written(tmp_path / "a.safetensors", lora())
    with pytest.raises(ConfigError, match="leaves nothing of this file"):
        blocks(file, tmp_path / "b.safetensors", BlocksConfig(weights="NONE"))
    with pytest.raises(ConfigError, match="give a preset's name or a list"):
        BlocksConfig(weights=" ")
