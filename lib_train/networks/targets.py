"""Which layers of a base model networks can be put on, and what each is called in a file."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from lib_train.layer_shapes import LayerShape
from lib_train.networks.keys import (
    block_of,
    diffusers_unet_name,
    kohya_text_name,
    kohya_unet_name,
    ldm_unet_name,
    open_clip_layer_name,
)

_ATTENTION = re.compile(r"\.attentions\.\d+\.")
_RESNET = re.compile(r"\.(resnets|downsamplers|upsamplers)\.\d+\.")
_END = re.compile(r"(conv_in|conv_out|time_embedding\.linear_[12])$")  # of SDXL LyCORIS' presets have none
_READ_OF_SD2 = 23
"""Layers of SD2's text encoder that are read; checkpoints have one more, or leave it out."""
_TEXT = re.compile(r"\.layers\.\d+\.(self_attn|mlp)\.")
_TEXT_NORM = re.compile(r"\.layers\.\d+\.layer_norm[12]$")


@dataclass(frozen=True)
class Target:
    """One layer that can be trained."""

    name: str
    """Its key in a file, without the part after the first dot."""
    module: nn.Module
    part: str
    block: str
    kind: str
    """These three as in ``LayerShape``; so is ``in_resnet``."""
    stored_as_conv: bool = False
    """A linear layer whose matrices stand in files as 1x1 convolutions: proj_in and proj_out of SD2."""
    in_resnet: bool = False
    fused: bool = False
    """As in ``LayerShape``, whatever this module is."""
    share: str = ""
    """Which of a MultiheadAttention's four linear layers this is: one of ``SHARES``; empty for other modules."""
    below: Callable[[], Tensor] | None = field(default=None, compare=False)
    """What networks below add to the weight, in its shape; None where there are none."""

    @property
    def weight(self) -> Tensor:
        """The frozen weight, networks below included: (O, I) or (O, I, K, K); for a share of an attention its rows."""
        return self._own if self.below is None else self._own + self.below()

    @property
    def _own(self) -> Tensor:
        return share_of(self.module, self.share)[0] if self.share else self.module.weight  # type: ignore[return-value]

    @property
    def bias(self) -> Tensor | None:
        """The frozen bias, (O,); for a share of an attention a view of its rows. None where the layer has none."""
        return share_of(self.module, self.share)[1] if self.share else self.module.bias  # type: ignore[return-value]

    @property
    def layer(self) -> LayerShape:
        """What is known of it without its numbers."""
        shape, has_bias = tuple(self._own.shape), self.bias is not None
        return LayerShape(self.part, self.block, self.kind, shape, self.in_resnet, self.name, has_bias, self.fused)


PARTS = ("unet", "text_encoder")
SHARES = ("q", "k", "v", "out")


def share_of(module: Any, share: str) -> tuple[Tensor, Tensor | None]:
    """Weight (E, E) and bias (E,) of one of the ``SHARES`` of a MultiheadAttention of width E."""
    if share == "out":
        return module.out_proj.weight, module.out_proj.bias
    rows, width = SHARES.index(share), module.embed_dim
    part = slice(rows * width, (rows + 1) * width)
    return module.in_proj_weight[part], None if module.in_proj_bias is None else module.in_proj_bias[part]


def is_trained(path: str, family: str, depth: int = 0) -> bool:
    """Whether the layer that diffusers or transformers call ``path`` is one that kohya's sd-scripts trains, where it is
    linear or a convolution.

    Args:
        depth: layers of its text encoder in the checkpoint.
    """
    unused = f".layers.{depth - 1}." if family == "sd2" and depth != _READ_OF_SD2 else None
    if unused and unused in path:
        return False
    return any(pattern.search(path) for pattern in (_ATTENTION, _RESNET, _TEXT))


def is_in_resnet(path: str) -> bool:
    """Whether the layer of the U-Net that diffusers calls ``path`` is trained where conv_dim is set alone."""
    return _RESNET.search(path) is not None


def targets_of(
    family: str, unet: nn.Module, text_encoders: Sequence[nn.Module], parts: Collection[str] = PARTS
) -> list[Target]:
    """The layers that kohya's sd-scripts and LyCORIS train: all linear layers and convolutions of the U-Net's attention
    blocks, resnets and resamplers, of SD1 and SD2 also at its ends, and all linear layers of the text encoders; and
    the norms among them that the WebUI finds in files.

    Args:
        family: "sd1", "sd2" or "sdxl".
        unet: diffusers-named or ldm-named; told apart by its structure.
        text_encoders: transformers' CLIP models, or open_clip's, which give the same names.
        parts: any of ``PARTS``.
    """
    found: list[Target] = []
    if "text_encoder" in parts:
        for index, encoder in enumerate(text_encoders):
            found += _text_targets(encoder, family, index)
    if "unet" in parts:
        ldm = hasattr(unet, "input_blocks")
        for path, module in unet.named_modules():
            if isinstance(module, nn.Linear | nn.Conv2d) or _is_norm(module):
                name = diffusers_unet_name(path, family) if ldm else path
                if name and (_ATTENTION.search(name) or _RESNET.search(name) or family != "sdxl" and _END.match(name)):
                    found.append(_unet_target(name, module, family))
    return found


def _text_targets(encoder: nn.Module, family: str, index: int) -> Iterator[Target]:
    fused = family == "sd2" or (family == "sdxl" and index == 1)  # open_clip's in the WebUI
    blocks = getattr(getattr(encoder, "transformer", None), "resblocks", None)
    unused = len(blocks) - 1 if blocks is not None and family == "sd2" else None  # SD2 reads the layer before the last
    for path, module in encoder.named_modules():
        if blocks is None:
            if isinstance(module, nn.Linear) and _TEXT.search(path):
                yield _text_target(kohya_text_name(path, family, index), module, fused)
            elif _is_norm(module) and _TEXT_NORM.search(path) and not fused:  # the WebUI finds no others
                yield Target(kohya_text_name(path, family, index), module, "text_encoder", "BASE", "norm")
        elif (name := open_clip_layer_name(path)) and not path.startswith(f"transformer.resblocks.{unused}."):
            key = kohya_text_name(name, family, index)
            if isinstance(module, nn.MultiheadAttention):
                for share in SHARES:
                    yield _text_target(f"{key}_{share}_proj", module, fused, share)
            else:
                yield _text_target(key, module, fused)


def _text_target(key: str, module: nn.Module, fused: bool, share: str = "") -> Target:
    return Target(key, module, "text_encoder", "BASE", "linear", fused=fused and "_self_attn_" in key, share=share)


def _is_norm(module: Any) -> bool:
    return isinstance(module, nn.LayerNorm | nn.GroupNorm) and module.bias is not None


def _unet_target(name: str, module: nn.Module, family: str) -> Target:
    key, block = kohya_unet_name(name, family), block_of(ldm_unet_name(name, family))
    if _is_norm(module):
        kind, as_conv = "norm", False
    elif isinstance(module, nn.Conv2d):
        kind, as_conv = "conv1x1" if module.kernel_size == (1, 1) else "conv3x3", False
    else:
        kind, as_conv = "linear", family != "sdxl" and key.endswith(("_proj_in", "_proj_out"))
    return Target(key, module, "unet", block, kind, as_conv, in_resnet=bool(_RESNET.search(name)))
