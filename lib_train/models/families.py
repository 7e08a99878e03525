"""Recognises a single-file checkpoint by tensor names and shapes alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib_train.errors import ModelFileError
from lib_train.models.description import NOTHING_DECLARED, Description
from lib_train.texts import say

UNET = "model.diffusion_model."
_TEXTS = (
    ("sd1", ("cond_stage_model.transformer.",)),
    ("sd2", ("cond_stage_model.model.",)),
    ("sdxl", ("conditioner.embedders.0.transformer.", "conditioner.embedders.1.model.")),
    ("sd2", ("conditioner.embedders.0.model.",)),  # SD-Turbo: SD2 under SDXL's names
)
"""Prefixes of each family's text encoders. Names below ``.transformer.`` are transformers', else open_clip's."""
_PLAIN, _UNSCALED = say("a checkpoint of SD1.x, SD2.x or SDXL"), say("a copy of it in fp16, bf16 or fp32")
_STRANGERS = (
    (
        ("lora_down.", "lora_A.", "lora.down.", "hada_w1", "lokr_w"),
        say("a LoRA file"),
        say("the checkpoint it was made for"),
    ),
    ((".joint_blocks.",), say("a Stable Diffusion 3 model"), say("one of SD1.x, SD2.x or SDXL")),
    (("double_blocks.",), say("a Flux model"), say("one of SD1.x, SD2.x or SDXL")),
    (("control_model.", "input_hint_block."), say("a ControlNet"), _PLAIN),
    (
        ("down_blocks.0.resnets.",),
        say("one part of a diffusers folder"),
        say("a single file that holds the whole model"),
    ),
    (("string_to_param", "emb_params"), say("a textual-inversion embedding"), _PLAIN),
    (("edm_mean", "edm_vpred."), say("an EDM model (such as Playground 2.5, CosXL) with another noise"), _PLAIN),
    (("scaled_fp8", ".scale_weight", ".weight_scale"), say("a checkpoint scaled down to 8 bits"), _UNSCALED),
    ((".absmax", ".quant_map", ".qweight", ".quant_state"), say("a quantised checkpoint"), _UNSCALED),
)
"""Parts of names that identify files other than base models: what the file is, and what to choose instead."""
_WITHOUT_UNET = (
    (("SelfAttention.q.weight",), say("a T5 text encoder"), _PLAIN),
    (("vision_model.encoder.",), say("an image encoder (CLIP vision)"), _PLAIN),
    (("image_proj.", "ip_adapter."), say("an IP-Adapter"), _PLAIN),
    ((".rdb1.conv1.", ".RDB1.conv1."), say("an upscaler (ESRGAN)"), _PLAIN),
    (("adaln_single.", "cap_embedder.", "noise_refiner.", "double_layers.", "img_mod.", "patch_embedding.",
      "down_blocks.0.0.channelwise"),
     say("a model of another family (PixArt, Lumina, AuraFlow, Qwen, Wan, Cascade ...)"), _PLAIN),
)  # fmt: skip
"""The same, where there is no U-Net."""
_INPUTS = {
    9: say("an inpainting model"),
    8: say("an editing (instruct-pix2pix) model"),
    7: say("an upscaling model"),
    5: say("a depth model"),
}
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Anatomy:
    """A checkpoint's family and the settings of its parts, in diffusers' and transformers' words."""

    family: str
    unet: dict[str, Any]
    text_prefixes: tuple[str, ...]
    texts: tuple[dict[str, Any], ...]
    scale_factor: float


class _Tensors:
    """Shapes by name; a missing one is the file's fault."""

    def __init__(self, shapes: Shapes, name: str) -> None:
        self.shapes, self.name = shapes, name

    def __getitem__(self, key: str) -> tuple[int, ...]:
        if key not in self.shapes:
            raise ModelFileError(
                say(
                    "{name}: {key} is missing; the file is no whole checkpoint, take another copy",
                    name=self.name,
                    key=key,
                )
            )
        return self.shapes[key]

    def count(self, prefix: str) -> int:
        """Number of consecutive indices after ``prefix``, from 0."""
        pattern = re.compile(re.escape(prefix) + r"(\d+)\.")
        return max((int(found[1]) for key in self.shapes if (found := pattern.match(key))), default=-1) + 1

    def refuse(self, what: str, instead: str) -> ModelFileError:
        """The error for a file that is ``what``; ``instead`` names what to choose."""
        return ModelFileError(
            say("{name}: is {what}, not a base model that can be trained; choose {instead}",
                name=self.name, what=what, instead=instead)
        )  # fmt: skip


def anatomy_of(shapes: Shapes, name: str, description: Description = NOTHING_DECLARED) -> Anatomy:
    """Family and sizes of a checkpoint with these tensor shapes.

    Args:
        name: of the file, for errors.
        description: what the ``.yaml`` beside the file says; it wins over what the shapes suggest.

    Raises:
        ModelFileError: it is no checkpoint that can be trained on; says what it is, where that can be recognised.
    """
    tensors = _Tensors(shapes, name)
    family, prefixes = _family_of(tensors)
    return Anatomy(
        family=family,
        unet=_unet_settings(tensors, family, description),
        text_prefixes=prefixes,
        texts=tuple(_text_settings(tensors, prefix, family, description) for prefix in prefixes),
        scale_factor=description.scale_factor or (0.13025 if family == "sdxl" else 0.18215),
    )


def _family_of(tensors: _Tensors) -> tuple[str, tuple[str, ...]]:
    names = tensors.shapes.keys()
    strangers = _STRANGERS if any(key.startswith(UNET) for key in names) else (*_STRANGERS, *_WITHOUT_UNET)
    for parts, what, instead in strangers:
        if any(part in key for key in names for part in parts):
            raise tensors.refuse(what, instead)
    if strangers is not _STRANGERS:
        if any("encoder.conv_in." in key for key in names) and not any("input_blocks." in key for key in names):
            raise tensors.refuse(say("a VAE"), say("a whole checkpoint, and give this file as vae"))
        if any(key.endswith("input_blocks.0.0.weight") for key in names):
            raise tensors.refuse(say("a U-Net alone, or a checkpoint under other names"), _PLAIN)
        raise ModelFileError(
            say("{name}: holds no U-Net of a Stable Diffusion checkpoint; choose a whole one", name=tensors.name)
        )
    inputs, labelled = tensors[f"{UNET}input_blocks.0.0.weight"][1], f"{UNET}label_emb.0.0.weight" in names
    if inputs != 4:
        kind = _INPUTS.get(inputs, say("another kind of model"))
        raise ModelFileError(
            say("{name}: is {kind} with {inputs} input channels; train on the plain model",
                name=tensors.name, kind=kind, inputs=inputs)
        )  # fmt: skip
    for family, prefixes in _TEXTS:
        if all(any(key.startswith(prefix) for key in names) for prefix in prefixes):
            if labelled == (family == "sdxl"):
                return family, prefixes
            raise tensors.refuse(say("an unCLIP model or SDXL's refiner"), say("the plain base model"))
    raise ModelFileError(
        say("{name}: holds no text encoder of SD1.x, SD2.x or SDXL; choose a whole checkpoint", name=tensors.name)
    )


def _unet_settings(tensors: _Tensors, family: str, description: Description) -> dict[str, Any]:
    levels = [f"{UNET}input_blocks.{1 + 3 * level}." for level in range(3 if family == "sdxl" else 4)]
    channels = [tensors[f"{level}0.out_layers.3.weight"][0] for level in levels]
    attends = [f"{level}1.proj_in.weight" in tensors.shapes for level in levels]
    first = f"{levels[attends.index(True)] if any(attends) else levels[0]}1."
    settings: dict[str, Any] = {
        "in_channels": 4,
        "out_channels": 4,
        "block_out_channels": tuple(channels),
        "down_block_types": tuple("CrossAttnDownBlock2D" if on else "DownBlock2D" for on in attends),
        "up_block_types": tuple("CrossAttnUpBlock2D" if on else "UpBlock2D" for on in reversed(attends)),
        "cross_attention_dim": tensors[f"{first}transformer_blocks.0.attn2.to_k.weight"][1],
        "attention_head_dim": tuple(
            _heads(tensors, family, width, description) for width in channels
        ),  # diffusers: their number
        "use_linear_projection": len(tensors[f"{first}proj_in.weight"]) == 2,
    }
    if family == "sdxl":
        settings |= {
            "transformer_layers_per_block": tuple(
                max(1, tensors.count(f"{level}1.transformer_blocks.")) for level in levels
            ),
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": tensors[f"{UNET}label_emb.0.0.weight"][1],
        }
    return settings


def _heads(tensors: _Tensors, family: str, channels: int, description: Description) -> int:
    """SD1 has 8 heads at every level, SD2 and SDXL heads of 64 channels; a narrow SD1 has heads of 32 channels."""
    if description.num_heads or description.num_head_channels:
        heads = description.num_heads or max(1, channels // (description.num_head_channels or 64))
        if channels % heads:
            raise ModelFileError(
                say("{name}: the .yaml beside it gives {channels} channels {heads} heads, which does not come out "
                    "even; mend its num_heads or num_head_channels, or move it away",
                    name=tensors.name, channels=channels, heads=heads)
            )  # fmt: skip
        return heads
    return min(8, max(1, channels // 32)) if family == "sd1" else max(1, channels // 64)


def _text_settings(tensors: _Tensors, prefix: str, family: str, description: Description) -> dict[str, Any]:
    open_clip = prefix.endswith(".model.")
    table = "token_embedding.weight" if open_clip else "text_model.embeddings.token_embedding.weight"
    layer, wide = (
        ("transformer.resblocks.", "mlp.c_fc.weight") if open_clip else ("text_model.encoder.layers.", "mlp.fc1.weight")
    )
    vocabulary, hidden = tensors[prefix + table]
    layers = tensors.count(prefix + layer)
    if family == "sd2" and layers != 23:  # the last layer is never used; some files leave it out
        layers -= 1
    return {
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "intermediate_size": tensors[f"{prefix}{layer}0.{wide}"][0],
        "num_hidden_layers": layers,
        "num_attention_heads": description.text_heads or max(1, hidden // 64),
        "projection_dim": tensors.shapes.get(f"{prefix}text_projection", (hidden, hidden))[1],
        "hidden_act": "gelu" if open_clip else "quick_gelu",
        "eos_token_id": 49407,
    }


def vae_settings(shapes: Shapes, name: str) -> dict[str, Any]:
    """Settings of diffusers' AutoencoderKL for a VAE with ldm's names.

    Raises:
        ModelFileError: there is no VAE among them, or one of another kind.
    """
    tensors = _Tensors(shapes, name)
    if "encoder.conv_in.weight" not in shapes:
        raise ModelFileError(say("{name}: holds no VAE; choose a checkpoint with one, or name a VAE file", name=name))
    latents = tensors["encoder.conv_out.weight"][0] // 2
    if latents != 4:
        raise ModelFileError(
            say("{name}: is a VAE with {latents} latent channels; SD1.x, SD2.x and SDXL have 4",
                name=name, latents=latents)
        )  # fmt: skip
    levels = tensors.count("encoder.down.")
    return {
        "block_out_channels": tuple(tensors[f"encoder.down.{i}.block.0.conv2.weight"][0] for i in range(levels)),
        "down_block_types": ("DownEncoderBlock2D",) * levels,
        "up_block_types": ("UpDecoderBlock2D",) * levels,
        "layers_per_block": tensors.count("encoder.down.0.block."),
    }
