"""Tools on LoRA files on a disk that is full, and in a process that is killed, at each of their writes in turn."""

import os
import shutil
from functools import partial
from itertools import count
from types import SimpleNamespace

import pytest
from safetensors.torch import load_file

from lib_train.app import lora_tools
from lib_train.app.sample import SAMPLES
from lib_train.config.tools import BlocksConfig, ConvertConfig, ExtractConfig, MergeConfig, ResizeConfig
from lib_train.errors import TrainToolsError
from lib_train.files import sweep_folder
from lib_train.lora_tools import extract
from tests.full_disk import at_each_write
from tests.killed import killed_at
from tests.lora_tools.networks import LITTLE, little_checkpoint, lora, written

COVERED = {"b.preview.png", "b.safetensors"}
TOOLS = {
    "resize": (lambda a, base, to: lora_tools.resize(a, to, ResizeConfig(rank=2)), {"b.safetensors"}),
    "blocks": (lambda a, base, to: lora_tools.blocks(a, to, BlocksConfig(weights="0.5")), {"b.safetensors"}),
    "merge": (lambda a, base, to: lora_tools.merge([a], to, MergeConfig(weights=(0.5,))), {"b.safetensors"}),
    "convert": (lambda a, base, to: lora_tools.convert(a, to, ConvertConfig(), a.with_name("c.png")), COVERED),
    "extract": (
        lambda a, base, to: lora_tools.extract(base, base.with_name("tuned.safetensors"), to, ExtractConfig(rank=2)),
        {"b.safetensors"},
    ),
    "merge into": (lambda a, base, to: lora_tools.merge([a], to, MergeConfig(), into=base), {"b.safetensors"}),
}


@pytest.fixture(autouse=True)
def one_time(monkeypatch):
    """Files tell when they were made."""
    monkeypatch.setattr(extract, "time", SimpleNamespace(time=lambda: 1.8e9))


def prepare(root):
    little_checkpoint(root / "base.safetensors")
    little_checkpoint(root / "tuned.safetensors", seed=1)
    written(root / "a.safetensors", lora(shapes=LITTLE))
    shutil.copy(next(SAMPLES.glob("train/*/*.png")), root / "c.png")


def content_of(root):
    return {path.name: path.read_bytes() for path in root.iterdir()}


def do(tool, root):
    return TOOLS[tool][0](root / "a.safetensors", root / "base.safetensors", root / "b.safetensors")


def made_by(tool, folder):
    """What lies there before, and what the tool makes where nothing keeps it from that."""
    folder.mkdir()
    prepare(folder)
    before = content_of(folder)
    do(tool, folder)
    after = content_of(folder)
    assert after.keys() - before.keys() == TOOLS[tool][1]
    return before, {name: after[name] for name in TOOLS[tool][1]}


@pytest.mark.parametrize("tool", TOOLS)
def test_full_disk_leaves_what_was_there_and_the_tool_does_it_once_there_is_room(tmp_path, monkeypatch, tool):
    before, made = made_by(tool, tmp_path / "whole")
    for root, answer in at_each_write(monkeypatch, tmp_path, prepare, partial(do, tool)):
        found = content_of(root)
        assert {name: found.pop(name) for name in before} == before
        if isinstance(answer, TrainToolsError):
            assert "the disk is full" in str(answer)
            assert found == {}
            do(tool, root)
            assert content_of(root) == before | made
        else:
            assert found == {name: made[name] for name in found}
            assert "b.safetensors" in found
            assert found == made or "No space left on device" in " ".join(answer.notes)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("call", ["open", "fsync", "link"])
def test_killed_tool_leaves_its_file_whole_or_absent_and_the_next_one_clears_away(tmp_path, tool, call):
    before, made = made_by(tool, tmp_path / "whole")
    for calls in count():
        root = tmp_path / str(calls)
        root.mkdir()
        prepare(root)
        was_killed = killed_at(call, calls, partial(do, tool, root))
        sweep_folder(root)
        found = content_of(root)
        assert {name: found.pop(name) for name in before} == before
        assert found == {name: made[name] for name in found}
        if not was_killed:
            assert found == made
            break
        if not found:
            do(tool, root)
            assert content_of(root) == before | made
    assert calls > 0
    assert load_file(root / "b.safetensors")
