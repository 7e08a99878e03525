"""Which layer of the WebUI a key of a LoRA file means: by the WebUI's rules, which know nothing of our targets.

A file names the U-Net's layers as diffusers does, or as the checkpoint does; the WebUI's layers are the checkpoint's
names with ``_`` for dots. A name that fits none is passed over without a word.
"""

import re
from typing import Any

_BLOCK = re.compile(r"lora_unet_(down|up)_blocks_(\d+)_(attentions|resnets|downsamplers|upsamplers)_(\d+)_(.+)")
_MIDDLE = re.compile(r"lora_unet_mid_block_(attentions|resnets)_(\d+)_(.+)")
_TEXT = re.compile(r"lora_te(2?)_text_model_encoder_layers_(\d+)_(.+)")
_TIME = re.compile(r"lora_unet_time_embedding_linear_(\d)")
_RESNET = {"conv1": "in_layers_2", "conv2": "out_layers_3", "norm1": "in_layers_0", "norm2": "out_layers_0",
           "time_emb_proj": "emb_layers_1", "conv_shortcut": "skip_connection"}  # fmt: skip
_ENDS = {"lora_unet_conv_in": "diffusion_model_input_blocks_0_0", "lora_unet_conv_out": "diffusion_model_out_2"}
_OPEN_CLIP = (("mlp_fc1", "mlp_c_fc"), ("mlp_fc2", "mlp_c_proj"), ("self_attn", "attn"))


def layer_of(key: str, layers: dict[str, Any]) -> tuple[str, Any]:
    """The name under which a file's module is kept, and the layer that it belongs to; None where there is none.

    Query, key and value of a ``MultiheadAttention`` have names of their own and one layer.
    """
    name = _checkpoint_s(key, "model_transformer_resblocks" in layers)
    projection = re.fullmatch(r"(.*)_[qkv]_proj", name)
    layer = layers.get(name) or (layers.get(projection[1]) if projection else None)
    if layer is None and key.startswith("lora_unet_"):
        name = key.replace("lora_unet", "diffusion_model")
    elif layer is None:
        name = key.replace("lora_te1_text_model", "0_transformer_text_model")
    return name, layer or layers.get(name)


def _checkpoint_s(key: str, open_clip: bool) -> str:
    if found := _BLOCK.fullmatch(key):
        return "diffusion_model_" + _in_block(found[1], int(found[2]), found[3], int(found[4]), found[5])
    if found := _MIDDLE.fullmatch(key):
        place = 1 if found[1] == "attentions" else 2 * int(found[2])
        return f"diffusion_model_middle_block_{place}_{_inside(found[1], found[3])}"
    if found := _TIME.fullmatch(key):
        return f"diffusion_model_time_embed_{2 * int(found[1]) - 2}"
    if found := _TEXT.fullmatch(key):
        return _text(found[1], found[2], found[3], open_clip)
    return _ENDS.get(key, key)


def _in_block(side: str, block: int, kind: str, number: int, inside: str) -> str:
    """Three places of the checkpoint's numbering are one block of diffusers'; down, one place comes before them."""
    if kind == "downsamplers":
        return f"input_blocks_{3 * block + 3}_0_op"
    if kind == "upsamplers":
        return f"output_blocks_{3 * block + 2}_{2 if block else 1}_conv"
    place = f"input_blocks_{3 * block + number + 1}" if side == "down" else f"output_blocks_{3 * block + number}"
    return f"{place}_{int(kind == 'attentions')}_{_inside(kind, inside)}"


def _inside(kind: str, name: str) -> str:
    return _RESNET.get(name, name) if kind == "resnets" else name


def _text(second: str, number: str, name: str, open_clip: bool) -> str:
    if not (second or open_clip):
        return f"transformer_text_model_encoder_layers_{number}_{name}"
    for theirs, ours in _OPEN_CLIP:
        name = name.replace(theirs, ours)
    return f"{'1_' if second else ''}model_transformer_resblocks_{number}_{name}"
