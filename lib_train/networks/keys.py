"""Names of the same layers in diffusers' modules, in ldm's, and in kohya's files."""

import re
from collections.abc import Mapping
from functools import cache

from torch import Tensor

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


@cache
def unet_blocks(family: str) -> dict[str, str]:
    """diffusers' name of every U-Net block with its ldm name, for "sd1", "sd2" (four levels) or "sdxl" (three)."""
    levels = 3 if family == "sdxl" else 4
    table = dict(_ENDS)
    for i in range(levels):
        for j in range(2):
            table[f"down_blocks.{i}.resnets.{j}"] = f"input_blocks.{1 + 3 * i + j}.0"
            table[f"down_blocks.{i}.attentions.{j}"] = f"input_blocks.{1 + 3 * i + j}.1"
        table[f"down_blocks.{i}.downsamplers.0.conv"] = f"input_blocks.{3 + 3 * i}.0.op"
        for j in range(3):
            table[f"up_blocks.{i}.resnets.{j}"] = f"output_blocks.{3 * i + j}.0"
            table[f"up_blocks.{i}.attentions.{j}"] = f"output_blocks.{3 * i + j}.1"
        behind = 1 if levels == 4 and i == 0 else 2  # the first up block of SD1 and SD2 has no attention
        table[f"up_blocks.{i}.upsamplers.0.conv"] = f"output_blocks.{3 * i + 2}.{behind}.conv"
    for j, ldm in ((0, 0), (1, 2)):
        table[f"mid_block.resnets.{j}"] = f"middle_block.{ldm}"
    table["mid_block.attentions.0"] = "middle_block.1"
    return table


def ldm_unet_name(name: str, family: str = "sd1") -> str:
    """ldm's name of a U-Net layer or weight that diffusers calls ``name``.

    >>> ldm_unet_name("up_blocks.0.upsamplers.0.conv.bias")
    'output_blocks.2.1.conv.bias'

    Raises:
        KeyError: a U-Net of this family has no such layer.
    """
    other = _renamed(name, unet_blocks(family), _RESNET)
    if other is None:
        raise KeyError(name)
    return other


def diffusers_unet_name(name: str, family: str = "sd1") -> str | None:
    """diffusers' name of a U-Net layer or weight that ldm calls ``name``, or None when diffusers has none."""
    return _renamed(name, _ldm_blocks(family), {ldm: ours for ours, ldm in _RESNET.items()})


@cache
def _ldm_blocks(family: str) -> dict[str, str]:
    return {ldm: ours for ours, ldm in unet_blocks(family).items()}


def _renamed(name: str, blocks: Mapping[str, str], layers: Mapping[str, str]) -> str | None:
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        block = blocks.get(".".join(parts[:cut]))
        if block is None:
            continue
        rest = ".".join(parts[cut:])
        for layer, other in layers.items():
            if rest == layer or rest.startswith(layer + "."):
                rest = other + rest[len(layer) :]
                break
        return f"{block}.{rest}".rstrip(".")
    return None


def block_of(name: str) -> str:
    """The block, as sd-webui-lora-block-weight calls it, of a U-Net layer that ldm calls ``name``; BASE outside of all.

    >>> block_of("input_blocks.4.1.proj_in"), block_of("middle_block.1.proj_in"), block_of("output_blocks.11.0.skip")
    ('IN04', 'M00', 'OUT11')
    """
    kind, found, rest = name.partition("_block")
    if not found:
        return "BASE"
    if kind == "middle":
        return "M00"
    return f"{'IN' if kind == 'input' else 'OUT'}{int(rest.split('.')[1]):02}"


def kohya_unet_name(name: str, family: str) -> str:
    """Key in a LoRA file of the U-Net layer that diffusers calls ``name``: ldm's names for SDXL, else diffusers'."""
    return "lora_unet_" + (ldm_unet_name(name, family) if family == "sdxl" else name).replace(".", "_")


def kohya_text_name(name: str, family: str, index: int) -> str:
    """Key of a text encoder's layer in a LoRA file; ``index`` counts SDXL's two encoders from 0.

    transformers has dropped the ``text_model`` prefix in later versions; files keep it.
    """
    prefix = f"lora_te{index + 1}_" if family == "sdxl" else "lora_te_"
    name = name if name.startswith(("text_model.", "text_projection")) else f"text_model.{name}"
    return prefix + name.replace(".", "_")


_OPEN_CLIP = {"attn": "self_attn", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2"}


def open_clip_layer_name(name: str) -> str | None:
    """transformers' name of a text encoder's layer that open_clip calls ``name``; None for what is not trained.

    >>> open_clip_layer_name("transformer.resblocks.3.mlp.c_fc")
    'encoder.layers.3.mlp.fc1'
    """
    found = re.fullmatch(r"transformer\.resblocks\.(\d+)\.(.+)", name)
    layer = _OPEN_CLIP.get(found[2]) if found else None
    return f"encoder.layers.{found[1]}.{layer}" if found and layer else None


def ldm_unet_weight(name: str, tensor: Tensor, family: str = "sd1") -> tuple[str, Tensor]:
    """Key and tensor in a single-file checkpoint of the U-Net weight that diffusers calls ``name``; shapes are equal.

    Raises:
        KeyError: a U-Net of this family has no such layer.
    """
    return f"model.diffusion_model.{ldm_unet_name(name, family)}", tensor


def ldm_vae_weight(name: str, tensor: Tensor) -> tuple[str, Tensor]:
    """Key and tensor in a single-file checkpoint of the VAE weight that diffusers calls ``name``.

    Attention is linear there, (O, I), and made of 1x1 convolutions here, (O, I, 1, 1); other shapes are equal.
    """
    name = re.sub(r"^encoder\.down_blocks\.(\d)\.resnets\.", r"encoder.down.\1.block.", name)
    name = re.sub(r"^encoder\.down_blocks\.(\d)\.downsamplers\.0\.", r"encoder.down.\1.downsample.", name)
    level = re.match(r"^decoder\.up_blocks\.(\d)\.", name)
    if level:
        up = f"decoder.up.{3 - int(level[1])}."
        name = up + name[level.end() :].replace("resnets.", "block.").replace("upsamplers.0.", "upsample.")
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", name)
    if "mid_block.attentions.0." in name:
        name = name.replace("mid_block.attentions.0.", "mid.attn_1.").replace("group_norm", "norm")
        name = name.replace("to_out.0", "proj_out").replace("to_", "")
        tensor = tensor[:, :, None, None] if tensor.dim() == 2 else tensor
    name = name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
    return f"first_stage_model.{name}", tensor
