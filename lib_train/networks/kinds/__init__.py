"""Kinds of network, one file each. Only they know the names of parts."""

from lib_train.config.network import NetworkConfig
from lib_train.networks.kinds import lora
from lib_train.networks.update import Kind

KINDS: dict[str, Kind] = {"LoRA": lora.KIND}
"""By the names that ``network_kinds.py`` gives the layers of a file. A LoCon is a LoRA with convolutions."""


def kind_for(config: NetworkConfig) -> Kind:
    """The kind that these settings train."""
    return KINDS["LoRA"]
