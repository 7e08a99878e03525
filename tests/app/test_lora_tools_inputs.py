"""Files of tools that somebody cuts, writes over, replaces or deletes while the tool works."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from lib_train.app import lora_tools
from lib_train.config.tools import BlocksConfig, ConvertConfig, ExtractConfig, MergeConfig, ResizeConfig
from lib_train.errors import ModelFileError
from tests.lora_tools.networks import LITTLE, little_checkpoint, lora, written

ON_NETWORKS = {
    "resize": lambda file, to, go_on: lora_tools.resize(file, to, ResizeConfig(rank=2), go_on=go_on),
    "blocks": lambda file, to, go_on: lora_tools.blocks(file, to, BlocksConfig(weights="0.5"), go_on=go_on),
    "merge": lambda file, to, go_on: lora_tools.merge([file], to, MergeConfig(weights=(0.5,)), go_on=go_on),
    "convert": lambda file, to, go_on: lora_tools.convert(file, to, ConvertConfig(save_precision="fp16"), go_on=go_on),
}
ON_CHECKPOINTS = {
    "extract": lambda folder, to, go_on: lora_tools.extract(
        folder / "base.safetensors", folder / "c.ckpt", to, ExtractConfig(rank=2, conv_rank=2), go_on
    ),
    "merge into": lambda folder, to, go_on: lora_tools.merge(
        [folder / "a.safetensors"], to, MergeConfig(), into=folder / "c.ckpt", go_on=go_on
    ),
    "resize on": lambda folder, to, go_on: lora_tools.resize(
        folder / "dora.safetensors", to, ResizeConfig(rank=2), folder / "c.ckpt", go_on
    ),
}
WRITTEN: dict[str, Callable[[Path], Any]] = {
    "cut": lambda path: os.truncate(path, 4096),
    "emptied": lambda path: os.truncate(path, 0),
    "written over": lambda path: path.write_bytes(bytes(path.stat().st_size)),
}
GONE: dict[str, Callable[[Path], Any]] = {
    "deleted": os.unlink,
    "replaced": lambda path: (path.with_name("new").write_bytes(b"x"), os.replace(path.with_name("new"), path)),
}
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows deletes and cuts no file that is open")


def after(steps, change):
    """A ``GoOn`` that lets something happen after so many steps."""

    def go_on(done, total):
        if done == steps:
            change()
        return True

    return go_on


@pytest.mark.parametrize("change", [*WRITTEN, *GONE])
@pytest.mark.parametrize("tool", ON_NETWORKS)
def test_network_file_is_read_once_whatever_becomes_of_it_then(tmp_path, tool, change):
    file, to = written(tmp_path / "a.safetensors", lora()), tmp_path / "b.safetensors"
    wanted = ON_NETWORKS[tool](file, to, lambda *far: True)
    content = to.read_bytes()
    to.unlink()
    found = ON_NETWORKS[tool](file, to, after(2, lambda: {**WRITTEN, **GONE}[change](file)))
    assert to.read_bytes() == content
    assert found == wanted


@pytest.fixture
def folder(tmp_path):
    """A checkpoint c, another one base, and networks a and dora; all written long ago."""
    little_checkpoint(tmp_path / "base.safetensors", seed=1)
    checkpoint = little_checkpoint(tmp_path / "c.ckpt")
    one = lora(shapes=LITTLE)
    written(tmp_path / "a.safetensors", one)
    lengths = {
        f"{name}.dora_scale": torch.ones(1, *shape[1:2], *(1,) * (len(shape) - 2)) for name, shape in LITTLE.items()
    }
    written(tmp_path / "dora.safetensors", one | lengths)
    os.utime(checkpoint, (1, 1))
    return tmp_path


@pytest.mark.parametrize("pickled", [False, True])
@pytest.mark.parametrize("change", WRITTEN)
@pytest.mark.parametrize("tool", ON_CHECKPOINTS)
def test_checkpoint_that_is_written_into_meanwhile_is_told_and_nothing_is_written(folder, tool, change, pickled):
    if pickled:
        tensors = {key: tensor.clone() for key, tensor in load_file(folder / "c.ckpt").items()}
        torch.save(tensors, folder / "c.ckpt")
        os.utime(folder / "c.ckpt", (1, 1))
    before = {path.name for path in folder.iterdir()}
    go_on = after(2, lambda: WRITTEN[change](folder / "c.ckpt"))
    with pytest.raises(ModelFileError, match=r"c\.ckpt: was changed while it was read"):
        ON_CHECKPOINTS[tool](folder, folder / "b.safetensors", go_on)
    assert {path.name for path in folder.iterdir()} == before


@pytest.mark.parametrize("change", GONE)
@pytest.mark.parametrize("tool", ON_CHECKPOINTS)
def test_checkpoint_that_is_gone_meanwhile_is_read_to_its_end(folder, tool, change):
    to = folder / "b.safetensors"
    wanted = ON_CHECKPOINTS[tool](folder, to, lambda *far: True)
    content = to.read_bytes()
    to.unlink()
    found = ON_CHECKPOINTS[tool](folder, to, after(2, lambda: GONE[change](folder / "c.ckpt")))
    assert found == wanted
    assert len(to.read_bytes()) == len(content)
