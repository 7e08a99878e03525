"""Settings that a LoRA file was trained with, from its metadata and its layers."""

from pathlib import Path

from lib_train.checkpoints.opened import OpenTensors, opened_tensors
from lib_train.config.like_file import Like, settings_like
from lib_train.config.network import NetworkConfig
from lib_train.network_kinds import layers_of
from lib_train.networks.sizes import sizes_of

_SIZES = ("network_type", "network_dim", "network_alpha", "conv_dim", "conv_alpha")


def like(path: Path) -> Like:
    """See ``settings_like``; a rank that the metadata does not tell is that of most layers.

    Raises:
        ModelFileError: the file cannot be read.
    """
    with opened_tensors(path) as file:
        return _like(file)


def _like(file: OpenTensors) -> Like:
    found = settings_like(file.metadata)
    layers = layers_of(file.shapes)
    if "network_dim" in found.settings or not layers:
        return found
    alphas = {layer.alpha: name for name, layer in layers.items() if layer.alpha and file.shapes[layer.alpha] == ()}
    values = {alphas[key]: float(file.take(key)) for key in alphas}
    sizes = sizes_of(layers, values).on(NetworkConfig())
    return Like({name: getattr(sizes, name) for name in _SIZES} | found.settings, found.notes)
