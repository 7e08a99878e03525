"""The mask files of a run's pictures: those of its version, or of the folder that the pictures lie in."""

from pathlib import Path

from lib_train.config.run import RunConfig
from lib_train.pictures.masks import masked
from lib_train.pictures.places import Places
from lib_train.pictures.records import Scan
from lib_train.store.projects import Version


def with_masks(found: Scan, config: RunConfig, version: Version | None) -> Scan:
    """The same pictures with their mask files, where the settings ask for them; reads names alone."""
    if not config.training.masked_loss:
        return found
    dataset = config.dataset
    folders = (*dataset.train_data_dir, *dataset.reg_data_dir, *config.training.validation_data_dir)
    own = [Places.of_version(version.folder)] if version else []
    return masked(found, [*own, *(Places.of_folder(Path(folder)) for folder in folders)])
