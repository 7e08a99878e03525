"""Taggers of a few numbers, in the formats of real ones, made by the tests."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file

from tests.timm_alone import import_timm

WD_TAGS = (("general", 9), ("explicit", 9), ("1girl", 0), ("blue_hair", 0), ("^_^", 0), ("saber_(fate)", 4))
"""Names and categories of Danbooru, not sorted by either."""
_INT, _INTS, _TENSOR_FLOAT = 2, 7, 1


def write_selected_tags(
    folder: Path, tags: Sequence[tuple[str, int]] = WD_TAGS, name: str = "selected_tags.csv"
) -> Path:
    lines = [f"{place},{tag},{category},{1000 - place}" for place, (tag, category) in enumerate(tags)]
    (folder / name).write_text("\n".join(["tag_id,name,category,count", *lines]) + "\n", encoding="utf-8")
    return folder / name


def tiny_timm(folder: Path, name: str = "model", side: int = 32) -> Path:
    """A ViT of one layer as a WD v3 tagger is published: safetensors, config.json, selected_tags.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architecture": "vit_tiny_patch16_224",
        "num_classes": len(WD_TAGS),
        "num_features": 16,
        "global_pool": "avg",
        "model_args": {"img_size": side, "embed_dim": 16, "depth": 1, "num_heads": 2, "class_token": False,
                       "fc_norm": False},
        "pretrained_cfg": {"input_size": [3, side, side], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
                           "crop_pct": 1.0, "interpolation": "bicubic", "custom_load": False},
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    write_selected_tags(folder)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        args = {"global_pool": "avg", "num_classes": len(WD_TAGS), **config["model_args"]}  # type: ignore[dict-item]
        model = import_timm().create_model(config["architecture"], **args)
        with torch.no_grad():
            model.head.weight.copy_(3 * torch.randn(model.head.weight.shape))
    path = folder / f"{name}.safetensors"
    save_file(model.state_dict(), path)
    return path


def tiny_onnx(path: Path, weights: Sequence[Sequence[float]], *, last: bool, batch: int | None, sigmoid: bool) -> Path:
    """A tagger that weighs the mean of each colour, as ONNX's protobuf, written number by number.

    Args:
        weights: of the three colours, for each tag.
        last: whether the colours are the input's last dimension, as for WD; else the second.
        batch: pictures at a time; None is any number.
        sigmoid: whether it gives probabilities, as WD does; else logits.
    """
    axes, count = ((1, 2) if last else (2, 3)), len(weights)
    flat = [float(number) for row in zip(*weights, strict=True) for number in row]
    nodes = [
        _node("ReduceMean", ["input"], "means", _ints("axes", axes), _int("keepdims", 0)),
        _node("MatMul", ["means", "weights"], "logits" if sigmoid else "output"),
        *([_node("Sigmoid", ["logits"], "output")] if sigmoid else []),
    ]
    tensor = _field(1, 3) + _field(1, count) + _field(2, _TENSOR_FLOAT) + _text(8, "weights")
    tensor += _bytes(9, struct.pack(f"<{len(flat)}f", *flat))
    sides = [8, 8, 3] if last else [3, 8, 8]
    graph = b"".join(_bytes(1, node) for node in nodes) + _text(2, "tagger") + _bytes(5, tensor)
    graph += _bytes(11, _value("input", [batch, *sides])) + _bytes(12, _value("output", [batch, count]))
    model = _field(1, 8) + _bytes(7, graph) + _bytes(8, _text(1, "") + _field(2, 13))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model)
    return path


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _bytes(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _text(number: int, content: str) -> bytes:
    return _bytes(number, content.encode())


def _node(kind: str, inputs: Sequence[str], output: str, *attributes: bytes) -> bytes:
    named = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind)
    return named + b"".join(_bytes(5, attribute) for attribute in attributes)


def _ints(name: str, values: Sequence[int]) -> bytes:
    return _text(1, name) + b"".join(_field(8, value) for value in values) + _field(20, _INTS)


def _int(name: str, value: int) -> bytes:
    return _text(1, name) + _field(3, value) + _field(20, _INT)


def _value(name: str, shape: Sequence[int | None]) -> bytes:
    sides = [_text(2, "batch") if side is None else _field(1, side) for side in shape]
    dimensions = b"".join(_bytes(1, side) for side in sides)
    return _text(1, name) + _bytes(2, _bytes(1, _field(1, _TENSOR_FLOAT) + _bytes(2, dimensions)))
