"""Which layers are trained: LyCORIS' presets, those of B-LoRA, and patterns of names."""

import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from functools import cache
from typing import NamedTuple

from lib_train.config.layers import PATTERNS
from lib_train.config.network import NetworkConfig
from lib_train.errors import Problem
from lib_train.layer_shapes import LayerShape
from lib_train.texts import say

_END = re.compile("lora_unet_(conv_|time_embedding_)")
_NONE, _ATTENTION = r"(?!)", r"_attn[12]_to_"


class _Preset(NamedTuple):
    """Expressions found in the names of what is trained; an empty one is found in all."""

    attention: str
    """Of layers in the U-Net's attention blocks."""
    resnets: str = _NONE
    ends: str = _NONE
    """Of layers before and behind the blocks, which SD1 and SD2 have."""
    text: str = _NONE
    convs: bool = False
    """Whether 3x3 convolutions are trained."""


_PRESETS = {
    "full": _Preset("", "", "", "", convs=True),
    "full-lin": _Preset("", "", "time_embedding", ""),
    "attn-mlp": _Preset("", text=""),
    "attn-only": _Preset(_ATTENTION, text="_self_attn_"),
    "unet-only": _Preset("", "", "", convs=True),
    "unet-transformer-only": _Preset(""),
    "unet-convblock-only": _Preset(_NONE, "", "unet_conv_", convs=True),
    "ia3": _Preset("_to_[kv]$|_ff_net_2$", text="_[kv]_proj$|_mlp_fc2$"),
    "b-lora": _Preset(f"_output_blocks_[01]_1_.*{_ATTENTION}"),
    "b-lora-content": _Preset(f"_output_blocks_0_1_.*{_ATTENTION}"),
    "b-lora-style": _Preset(f"_output_blocks_1_1_.*{_ATTENTION}"),
}


def chosen(layer: LayerShape, config: NetworkConfig) -> bool:
    """Whether preset, patterns and conv_dim let a layer be trained.

    Source:
        LyCORIS' presets; Frenkel et al. 2024 (B-LoRA), https://arxiv.org/abs/2403.14572.
    """
    return _in_preset(layer, config) and _is_named(layer, config)


def _in_preset(layer: LayerShape, config: NetworkConfig) -> bool:
    if layer.kind == "norm" and not config.train_norm:
        return False
    preset = _PRESETS.get(config.preset)
    if preset is None:
        return not _END.match(layer.name) and (not layer.in_resnet or config.trains_convs)
    if layer.kind == "conv3x3" and not preset.convs:
        return False
    end = _END.match(layer.name)
    pattern = preset.ends if end else preset.resnets if layer.in_resnet else preset.attention
    if layer.part == "text_encoder":
        pattern = preset.text
    if layer.kind == "norm":
        return pattern == ""
    if layer.fused and config.preset == "ia3":  # some of the four that the WebUI reads together
        return False
    return bool(re.search(pattern, layer.name))


def _is_named(layer: LayerShape, config: NetworkConfig) -> bool:
    wanted, unwanted = config.network_layers, config.network_layers_exclude
    if wanted and not any(_finder(pattern)(layer.name) for pattern in wanted):
        return False
    return not any(_finder(pattern)(layer.name) for pattern in unwanted)


@cache
def _finder(pattern: str) -> Callable[[str], object]:
    if pattern.startswith("re:"):
        return re.compile(pattern[3:]).search
    return re.compile(translate(pattern)).match


def problems_in_choice(layers: Sequence[LayerShape], config: NetworkConfig) -> Iterator[Problem]:
    """Patterns that name no layer, and those that name some of the four that the WebUI reads together.

    Args:
        layers: those with a learning rate.
    """
    around = [layer for layer in layers if _in_preset(layer, config)]
    for setting in PATTERNS:
        for pattern in getattr(config, setting):
            if around and not any(_finder(pattern)(layer.name) for layer in around):
                remedy = say("is in no name of a layer that these settings train, such as {name}", name=around[0].name)
                yield Problem(setting, pattern, remedy)
    fused: dict[str, list[str]] = {}
    for layer in around:
        if layer.fused and _is_named(layer, config):
            attention, _, share = layer.name.removesuffix("_proj").rpartition("_")
            fused.setdefault(attention, []).append(share)
    for attention, shares in fused.items():
        if len(shares) < 4:
            setting = "network_layers" if config.network_layers else "network_layers_exclude"
            remedy = say("leaves only {shares} of {attention}: the WebUI puts nothing on there unless the file has all "
                         "of q, k, v and out; name all four or none",
                         shares=", ".join(shares), attention=attention)  # fmt: skip
            yield Problem(setting, ", ".join(getattr(config, setting)), remedy)
            return
