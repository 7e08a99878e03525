"""Which layers of a base model get a low-rank update, and what each is called in a file."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from torch import nn

from lib_train.networks.keys import diffusers_unet_name, kohya_text_name, kohya_unet_name

_ATTENTION = re.compile(r"\.attentions\.\d+\.")
_CONVOLUTION = re.compile(r"\.(resnets|downsamplers|upsamplers)\.\d+\.")
_TEXT = re.compile(r"\.layers\.\d+\.(self_attn|mlp)\.")


@dataclass(frozen=True)
class Target:
    """One layer that is trained."""

    name: str
    """Its key in a file, without the part after the first dot."""
    module: nn.Module
    part: str
    """"unet" or "text_encoder"."""
    kind: str
    """"linear", "conv1x1" or "conv3x3"."""
    stored_as_conv: bool
    """A linear layer whose matrices stand in files as 1x1 convolutions: proj_in and proj_out of SD2."""


def targets_of(
    family: str, unet: nn.Module, text_encoders: Sequence[nn.Module], *, conv: bool, parts: Collection[str]
) -> list[Target]:
    """The layers that kohya's sd-scripts trains: all linear layers and convolutions of the attention blocks, all linear
    layers of the text encoders, and with ``conv`` those of the U-Net's resnets and resamplers too.

    Args:
        family: "sd1", "sd2" or "sdxl".
        unet: diffusers-named or ldm-named; told apart by its structure.
        text_encoders: transformers' CLIP models.
        parts: any of "unet" and "text_encoder".
    """
    found: list[Target] = []
    if "text_encoder" in parts:
        for index, encoder in enumerate(text_encoders):
            for path, module in encoder.named_modules():
                if isinstance(module, nn.Linear) and _TEXT.search(path):
                    found.append(Target(kohya_text_name(path, family, index), module, "text_encoder", "linear", False))
    if "unet" in parts:
        ldm = hasattr(unet, "input_blocks")
        for path, module in unet.named_modules():
            if isinstance(module, nn.Linear | nn.Conv2d):
                name = diffusers_unet_name(path, family) if ldm else path
                if name and (_ATTENTION.search(name) or (conv and _CONVOLUTION.search(name))):
                    found.append(_unet_target(name, module, family))
    return found


def _unet_target(name: str, module: nn.Linear | nn.Conv2d, family: str) -> Target:
    key = kohya_unet_name(name, family)
    if isinstance(module, nn.Conv2d):
        return Target(key, module, "unet", "conv1x1" if module.kernel_size == (1, 1) else "conv3x3", False)
    return Target(key, module, "unet", "linear", family != "sdxl" and key.endswith(("_proj_in", "_proj_out")))
