"""Rank and alpha of a layer, for the kinds of network that have them."""

from typing import Any

from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape


def rank_and_alpha(layer: LayerShape, config: NetworkConfig) -> tuple[int, float]:
    """3x3 convolutions have their own, everything else follows network_dim. Rank 0 leaves the layer alone: without
    conv_dim that is so in resnets and resamplers.
    """
    if config.conv_rank is None and layer.in_resnet:
        return 0, 0.0
    if layer.kind != "conv3x3":
        return config.network_dim, config.network_alpha
    assert config.conv_rank is not None, "3x3 convolutions are in resnets and resamplers alone"
    return config.conv_rank, config.alpha_of_convs


def rank_args(config: NetworkConfig) -> dict[str, Any]:
    """The settings that ss_network_dim and ss_network_alpha do not tell, as sd-scripts and LyCORIS call them."""
    args: dict[str, Any] = {}
    if config.conv_rank is not None:
        args = {"conv_dim": config.conv_rank, "conv_alpha": config.alpha_of_convs}
    if config.network_dropout:
        args["dropout"] = config.network_dropout
    return args | {name: getattr(config, name) for name in ("rank_dropout", "module_dropout") if getattr(config, name)}
