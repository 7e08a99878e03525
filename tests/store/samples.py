"""What a version of the tests holds."""

from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig

CONFIG = RunConfig(network=NetworkConfig(network_dim=4))
