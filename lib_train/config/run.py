"""All settings of one run."""

from dataclasses import dataclass, field
from typing import Any

from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.preview import PreviewConfig
from lib_train.config.training import TrainingConfig

SECTIONS: dict[str, type] = {
    "network": NetworkConfig,
    "dataset": DatasetConfig,
    "training": TrainingConfig,
    "preview": PreviewConfig,
}
"""Name of each section in files and on the command line, with its class."""
PREDICTIONS = ("epsilon", "v")
"""What a U-Net predicts."""


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Everything that determines a run, apart from pictures and the base model's weights."""

    base_model: str = ""
    """Path or title of the checkpoint; empty is the embedded model, or the one that the host has loaded."""
    vae: str = ""
    """Path of a separate VAE file; empty is the checkpoint's own."""
    prediction_type: str = ""
    """"epsilon" or "v" for a checkpoint that is recognised wrongly; empty is recognised from the checkpoint."""
    preset: str = ""
    """Name of the chosen preset; without effect on the run, a page shows differences from it."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    dataset: DatasetConfig = field(default_factory=DatasetConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    preview: PreviewConfig = field(default_factory=PreviewConfig)
    unknown: dict[str, Any] = field(default_factory=dict)
    """Keys of the file that this version does not know; written back unchanged."""
