"""Settings that a LoRA file was trained with, from its metadata and its layers."""

from pathlib import Path

from lib_train.checkpoints.files import read_header, read_tensors
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
    metadata, tensors = read_header(path)
    found = settings_like(metadata)
    layers = layers_of({name: shape for name, (_, shape) in tensors.items()})
    if "network_dim" in found.settings or not layers:
        return found
    alphas = {layer.alpha: name for name, layer in layers.items() if layer.alpha and tensors[layer.alpha][1] == ()}
    values = {alphas[key]: float(alpha) for key, alpha in read_tensors(path, alphas).items()}
    sizes = sizes_of(layers, values).on(NetworkConfig())
    return Like({name: getattr(sizes, name) for name in _SIZES} | found.settings, found.notes)
