"""Settings as a run on the host's base model takes them."""

from contextlib import suppress

from lib_train.config.dataset import DatasetConfig
from lib_train.config.fitting import fitted
from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.host.protocol import Host, ModelSize


def size_for(host: Host, config: RunConfig) -> ModelSize:
    """Size of the base model that the settings name.

    Raises:
        TrainToolsError: it cannot be used.
    """
    return host.size_of(host.find(config.base_model, config.vae, config.prediction_type))


def size_where_known(host: Host, config: RunConfig) -> ModelSize | None:
    """The same; None where the base model cannot be used, or there is none."""
    with suppress(TrainToolsError):
        return size_for(host, config)
    return None


def fitted_on(host: Host, config: RunConfig) -> RunConfig:
    """The settings with what follows from the base model; see ``fitting.fitted``.

    Raises:
        TrainToolsError: the base model cannot be used, or a setting cannot with it.
    """
    return fitted(config, 0 if config.dataset.resolution else size_for(host, config).side)


def dataset_on(host: Host, config: RunConfig) -> DatasetConfig:
    """The dataset's settings, with what follows from the base model where one can be used."""
    with suppress(TrainToolsError):
        return fitted_on(host, config).dataset
    return config.dataset
