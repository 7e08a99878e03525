"""What a single-file checkpoint holds, told from tensor names and shapes alone."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib_train.errors import ModelFileError

_UNET = "model.diffusion_model."
TEXT_PREFIXES = {
    "sd1": ("cond_stage_model.transformer.",),
    "sd2": ("cond_stage_model.model.",),
    "sdxl": ("conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."),
}
"""Where each family keeps its text encoders."""
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Anatomy:
    """A checkpoint's family and the settings of its parts, in diffusers' and transformers' words."""

    family: str
    unet: dict[str, Any]
    vae: dict[str, Any]
    texts: tuple[dict[str, Any], ...]
    scale_factor: float = 0.18215
    extras: dict[str, Any] = field(default_factory=dict)


def anatomy_of(shapes: Shapes, name: str) -> Anatomy:
    """Family and sizes of a checkpoint with these tensor shapes; ``name`` stands in errors.

    Raises:
        ModelFileError: it is no checkpoint that can be trained on; says what it is, where that can be told.
    """
    family = _family_of(shapes.keys(), name)
    missing = [part for part in (f"{_UNET}input_blocks.0.0.weight", f"{_UNET}out.2.weight") if part not in shapes]
    if missing:
        raise ModelFileError(f"{name}: {missing[0]} is missing; the file is no whole checkpoint, take another copy")
    inner = shapes[f"{_UNET}input_blocks.0.0.weight"][1]
    if inner != 4:
        kind = {9: "an inpainting", 8: "an editing (instruct-pix2pix)", 5: "a depth"}.get(inner, "another kind of")
        raise ModelFileError(f"{name}: is {kind} model with {inner} input channels; train on the plain model instead")
    return Anatomy(
        family=family,
        unet=_unet_settings(shapes, family),
        vae=vae_settings(shapes, "first_stage_model.", name),
        texts=tuple(_text_settings(shapes, prefix, name) for prefix in TEXT_PREFIXES[family]),
        scale_factor=0.13025 if family == "sdxl" else 0.18215,
    )


def _family_of(names: Collection[str], name: str) -> str:
    def holds(part: str) -> bool:
        return any(part in key for key in names)

    if holds("lora_down.") or holds("lora_A.") or holds("hada_w1") or holds("lokr_w"):
        raise ModelFileError(f"{name}: is a LoRA file, not a base model; choose the checkpoint that it was made for")
    for part, what in ((".joint_blocks.", "Stable Diffusion 3"), ("double_blocks.", "Flux")):
        if holds(part):
            raise ModelFileError(f"{name}: is a {what} model; choose one of SD1.x, SD2.x or SDXL")
    if not any(key.startswith(_UNET) for key in names):
        raise ModelFileError(f"{name}: holds no U-Net of a Stable Diffusion checkpoint; choose a whole checkpoint")
    for family, prefixes in TEXT_PREFIXES.items():
        if all(any(key.startswith(prefix) for key in names) for prefix in prefixes):
            return family
    if holds("conditioner.embedders.0.model."):
        raise ModelFileError(f"{name}: is an SDXL refiner; train on the base model instead")
    raise ModelFileError(f"{name}: holds no text encoder of SD1.x, SD2.x or SDXL; choose a whole checkpoint")


def _unet_settings(shapes: Shapes, family: str) -> dict[str, Any]:
    levels = 3 if family == "sdxl" else 4
    firsts = [f"{_UNET}input_blocks.{1 + 3 * i}" for i in range(levels)]
    channels = [shapes[f"{first}.0.out_layers.3.weight"][0] for first in firsts]
    attends = [f"{first}.1.proj_in.weight" in shapes for first in firsts]
    depths = [max(1, _count(shapes, re.escape(f"{first}.1.transformer_blocks.") + r"(\d+)\.")) for first in firsts]
    context = next(shape[1] for key, shape in shapes.items() if key.endswith(".attn2.to_k.weight"))
    linear = len(next(shape for key, shape in shapes.items() if key.endswith(".proj_in.weight"))) == 2
    settings: dict[str, Any] = {
        "in_channels": 4,
        "out_channels": 4,
        "block_out_channels": tuple(channels),
        "down_block_types": tuple("CrossAttnDownBlock2D" if on else "DownBlock2D" for on in attends),
        "up_block_types": tuple("CrossAttnUpBlock2D" if on else "UpBlock2D" for on in reversed(attends)),
        "cross_attention_dim": context,
        "attention_head_dim": tuple(_heads(family, width) for width in channels),  # diffusers: the number of heads
        "use_linear_projection": linear,
    }
    if family == "sdxl":
        wide = shapes[f"{_UNET}label_emb.0.0.weight"][1]
        settings |= {
            "transformer_layers_per_block": tuple(depths),
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": wide,
        }
    return settings


def _heads(family: str, channels: int) -> int:
    """SD1 has 8 heads at every level, SD2 and SDXL heads of 64 channels; narrow models keep heads of 32 at least."""
    return min(8, max(1, channels // 32)) if family == "sd1" else max(1, channels // 64)


def vae_settings(shapes: Shapes, prefix: str, name: str) -> dict[str, Any]:
    """Settings of diffusers' AutoencoderKL for the ldm-named VAE below ``prefix``."""
    if f"{prefix}encoder.conv_in.weight" not in shapes:
        raise ModelFileError(f"{name}: holds no VAE; choose a checkpoint with one, or name a VAE file")
    levels = _count(shapes, re.escape(f"{prefix}encoder.down.") + r"(\d+)\.")
    channels = tuple(shapes[f"{prefix}encoder.down.{i}.block.0.conv2.weight"][0] for i in range(levels))
    return {
        "block_out_channels": channels,
        "down_block_types": ("DownEncoderBlock2D",) * levels,
        "up_block_types": ("UpDecoderBlock2D",) * levels,
        "layers_per_block": _count(shapes, re.escape(f"{prefix}encoder.down.0.block.") + r"(\d+)\."),
    }


def _text_settings(shapes: Shapes, prefix: str, name: str) -> dict[str, Any]:
    open_clip = prefix.endswith(".model.")
    table = f"{prefix}token_embedding.weight" if open_clip else f"{prefix}text_model.embeddings.token_embedding.weight"
    if table not in shapes:
        raise ModelFileError(f"{name}: {table} is missing; the file is no whole checkpoint, take another copy")
    layer = "transformer.resblocks." if open_clip else "text_model.encoder.layers."
    wide = "mlp.c_fc.weight" if open_clip else "mlp.fc1.weight"
    vocabulary, hidden = shapes[table]
    layers = _count(shapes, re.escape(prefix + layer) + r"(\d+)\.")
    projection = shapes.get(f"{prefix}text_projection", (hidden, hidden))[1]
    return {
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "intermediate_size": shapes[f"{prefix}{layer}0.{wide}"][0],
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, hidden // 64),
        "projection_dim": projection,
        "hidden_act": "gelu" if open_clip else "quick_gelu",
        "eos_token_id": 49407,
    }


def _count(shapes: Shapes, pattern: str) -> int:
    found = {int(match[1]) for key in shapes if (match := re.match(pattern, key))}
    return max(found, default=-1) + 1
