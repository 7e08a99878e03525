"""Starting points: each fits its memory by the plan's own estimate, and says why of every number."""

import json
from itertools import product
from pathlib import Path

import pytest

from lib_train.config.codec import config_of, section_of
from lib_train.config.starts import FAMILIES, MEMORIES, SUBJECTS, name_of, preset_start, start, starts
from lib_train.host.protocol import ModelSize
from lib_train.planning.memory import device_bytes

GOLDEN = Path(__file__).parents[1] / "golden"
WEIGHTS = {"sd1": {"unet": 859_520_964, "text_encoder": 123_060_480, "vae": 83_653_863},
           "sdxl": {"unet": 2_567_463_684, "text_encoder": 123_060_480 + 694_659_840, "vae": 83_653_863}}  # fmt: skip
FILES = {"sd1": "sd15", "sdxl": "sdxl"}
ALL = [*product(SUBJECTS, FAMILIES, MEMORIES)]


def trained(config, family):
    """Weights of the network, from the shapes that sd-scripts has at rank 16 and 4."""
    layers = json.loads((GOLDEN / f"golden_keys_{FILES[family]}.json").read_text())
    network, total = config.network, 0
    text = config.training.rates.get("text_encoder")
    for name, layer in layers.items():
        if name.startswith("lora_te") and not text:
            continue
        if layer.get("conv_dim_only") and network.conv_rank is None:
            continue
        down, up = layer["down"], layer["up"]
        is_conv = len(down) == 4 and down[-1] == 3
        rank = network.conv_rank if is_conv else network.network_dim
        if rank is None:
            continue
        total += rank * (_product(down) + _product(up)) // down[0]
    return total


def _product(numbers):
    found = 1
    for number in numbers:
        found *= number
    return found


@pytest.mark.parametrize(("subject", "family", "memory"), ALL)
def test_start_fits_its_memory_by_the_estimate_of_the_plan(subject, family, memory):
    config = config_of(start(subject, family, memory).settings)
    training, (width, height) = config.training, config.dataset.size
    needed = device_bytes(
        ModelSize(family, WEIGHTS[family], (), 320), weights=trained(config, family),
        optimizer=training.optimizer_type, pixels=width * height // 64, batch_size=training.train_batch_size,
        precision="fp16", checkpointed=training.gradient_checkpointing, trains_text="text_encoder" in training.rates,
    )  # fmt: skip
    share = 0.99 if (family, memory) == ("sdxl", 8) else 0.95  # little more than the model itself
    assert needed <= share * memory * 2**30, needed / 2**30


@pytest.mark.parametrize(("subject", "family", "memory"), ALL)
def test_start_says_why_of_every_number_and_can_be_used(subject, family, memory):
    preset = start(subject, family, memory)
    config = config_of(preset.settings)
    assert preset.settings.keys() == preset.reasons.keys() <= section_of().keys()
    assert all(len(reason) > 10 for reason in preset.reasons.values())
    assert (preset.family, config.training.rates["unet"]) == (family, 1e-4)


def test_starts_are_known_by_name_and_name_the_same_settings_so_that_one_leaves_nothing_of_another():
    assert len(dict(starts())) == len(ALL) == 24
    assert preset_start(name_of("style", "sdxl", 12)) == start("style", "sdxl", 12)
    assert preset_start("style-sdxl-16gb") is None
    assert len({frozenset(preset.settings) for _, preset in starts()}) == 1


def test_subjects_families_and_memories_differ_where_they_should():
    sizes = {one: config_of(start("character", *one).settings).dataset.size for one in product(FAMILIES, MEMORIES)}
    assert sizes[("sd1", 8)] == sizes[("sdxl", 8)] == (512, 512)
    assert sizes[("sdxl", 12)] == (1024, 1024)
    flips = {subject: start(subject, "sd1", 8).settings["flip_aug"] for subject in SUBJECTS}
    assert flips == {"character": False, "style": True, "concept": True, "clothing": False}
    assert set(config_of(start("character", "sdxl", 24).settings).training.rates) == {"unet"}
