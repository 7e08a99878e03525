from pathlib import Path

import pytest

from lib_train.host.protocol import PictureRequest
from lib_train.host.standalone.pictures import infotext

REQUEST = {"prompt": "a", "seed": 5, "steps": 1, "width": 64, "height": 96}


@pytest.mark.parametrize(
    ("changes", "title", "text"),
    [
        (
            {"negative_prompt": "b", "clip_skip": 2},
            "model.safetensors",
            "a\nNegative prompt: b\nSteps: 1, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 64x96, Model: model, "
            "Clip skip: 2",
        ),
        (
            {"network": Path("x/mochi-000002.safetensors"), "weight": 0.75, "cfg_scale": 5.5},
            "v1.5.ckpt",
            "a <lora:mochi-000002:0.75>\nSteps: 1, Sampler: Euler a, CFG scale: 5.5, Seed: 5, Size: 64x96, Model: v1.5",
        ),
        (
            {"network": Path("mochi.safetensors"), "weight": 0.0, "sampler": "DPM++ 2M Karras"},
            'one, two: "x"',
            "a\nSteps: 1, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 5, Size: 64x96, "
            r'Model: "one, two: \"x\""',
        ),
        (
            {"sampler": "DPM++ 2M", "scheduler": "Karras", "others": ((Path("style.safetensors"), 0.6),)},
            "model.safetensors",
            "a <lora:style:0.6>\nSteps: 1, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 5, "
            "Size: 64x96, Model: model",
        ),
        (
            {"sampler": "DPM++ 2M SDE"},
            "model.safetensors",
            "a\nSteps: 1, Sampler: DPM++ 2M SDE, Schedule type: Exponential, CFG scale: 7, Seed: 5, Size: 64x96, "
            "Model: model",
        ),
    ],
    ids=["negative", "network", "karras", "schedule", "usual"],
)
def test_infotext_is_what_the_webui_writes(changes, title, text):
    assert infotext(PictureRequest(**REQUEST | changes), title) == text
