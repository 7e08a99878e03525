"""Which layers of the base model are trained."""

from dataclasses import dataclass

from lib_train.config.fields import option, used_when
from lib_train.texts import say

_GROUP = "blocks"
PRESETS = (
    "auto", "full", "full-lin", "attn-mlp", "attn-only", "unet-only", "unet-transformer-only", "unet-convblock-only",
    "ia3", "b-lora", "b-lora-content", "b-lora-style",
)  # fmt: skip
_WITH_NORMS = (
    "full", "full-lin", "attn-mlp", "unet-only", "unet-transformer-only", "unet-convblock-only"
)  # fmt: skip
PATTERNS = ("network_layers", "network_layers_exclude")


@dataclass(frozen=True, kw_only=True)
class LayerChoice:
    """A preset, and patterns that choose among its layers."""

    network_preset: str = option(
        "auto",
        "Which layers are trained. `auto`: attention blocks and text encoders, and resnets where conv_dim is set. "
        "Others are LyCORIS' presets; where conv_dim is empty, their 3x3 convolutions take network_dim. For SDXL, "
        "`b-lora` trains one block for what pictures show (`b-lora-content`) and one for style (`b-lora-style`).",
        choices=PRESETS,
        label="Layers (preset)",
        group=_GROUP,
        told_in="ss_network_args",
    )
    train_norm: bool = option(
        False,
        "Train also weights and biases of the norms in the U-Net's trained blocks and in CLIP-L, which is the text "
        "encoder of SD1 and the first of SDXL.",
        label="Norms",
        used_when=used_when(
            say("these layers have no norms that are trained"),
            {"network_preset": ("auto",), "network_type": ("lora", "locon", "dora", "loha", "lokr", "full")},
            {"network_preset": _WITH_NORMS},
        ),
        group=_GROUP,
        told_in="ss_network_args",
    )
    network_layers: tuple[str, ...] = option(
        (),
        "Train only layers whose name in the file fits a pattern, such as *attn2*; behind `re:` stands a regular "
        "expression. Semicolons between them. Empty trains all.",
        separator=";",
        label="Only layers named",
        group=_GROUP,
        told_in="ss_network_args",
    )
    network_layers_exclude: tuple[str, ...] = option(
        (),
        "As network_layers, for layers that are left alone.",
        separator=";",
        label="No layers named",
        group=_GROUP,
        told_in="ss_network_args",
    )
