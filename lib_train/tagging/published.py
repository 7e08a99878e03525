"""Taggers that their makers have published, and where their files are; nothing is fetched unless somebody asks for it.

Addresses: sd-scripts' finetune/tag_images_by_wd14_tagger.py (48d368f) and the model cards that it names; sizes:
rounded, four bytes for each of their weights.
"""

from typing import NamedTuple

from lib_train.texts import say

_HUB = "https://huggingface.co/{}/resolve/main/{}"
_WD = ("model.safetensors", "config.json", "selected_tags.csv")


class Published(NamedTuple):
    """A tagger to fetch."""

    name: str
    kind: str
    """"wd", "cl" or "joytag"."""
    about: str
    megabytes: int
    """Of all its files, about."""
    files: tuple[tuple[str, str], ...]
    """Name on the disk, and address; the model comes first."""


def _wd(name: str, about: str, megabytes: int) -> Published:
    return Published(
        name, "wd", about, megabytes, tuple((file, _HUB.format(f"SmilingWolf/{name}", file)) for file in _WD)
    )


PUBLISHED = (
    _wd("wd-vit-tagger-v3", say("ViT, the smallest and fastest"), 380),
    _wd("wd-convnext-tagger-v3", "ConvNeXt", 400),
    _wd("wd-swinv2-tagger-v3", "SwinV2", 400),
    _wd("wd-eva02-large-tagger-v3", say("EVA02, the most exact and the slowest"), 1260),
    Published("cl_tagger_1_01", "cl", say("newer characters and copyrights; needs onnxruntime"), 1400, (
        ("model.onnx", _HUB.format("cella110n/cl_tagger", "cl_tagger_1_01/model.onnx")),
        ("tag_mapping.json", _HUB.format("cella110n/cl_tagger", "cl_tagger_1_01/tag_mapping.json")),
    )),
    Published("joytag", "joytag", say("also for photographs; needs onnxruntime"), 370, (
        ("model.onnx", _HUB.format("fancyfeast/joytag", "model.onnx")),
        ("top_tags.txt", _HUB.format("fancyfeast/joytag", "top_tags.txt")),
    )),
)  # fmt: skip
"""The first is the one to recommend."""
