"""The pictures of a run as it takes them: with their masks, and some held out."""

from lib_train.config.run import RunConfig
from lib_train.jobs.masks import with_masks
from lib_train.pictures.held_out import split, with_folders
from lib_train.pictures.records import Scan
from lib_train.store.projects import Version


def picked(found: Scan, config: RunConfig, version: Version | None) -> Scan:
    """What the settings make of the pictures that were found. Reads those of validation_data_dir."""
    training = config.training
    if training.validation_split:
        seed = training.seed if training.validation_seed is None else training.validation_seed
        found = split(found, training.validation_split, seed)
    if training.validation_data_dir:
        found = with_folders(found, training.validation_data_dir, config.dataset)
    return with_masks(found, config, version)
